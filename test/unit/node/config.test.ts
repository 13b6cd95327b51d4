import { describe, expect, it } from "vitest";
import { readConfig } from "../../../bootstrap-node/config.ts";

function config(flags: string[], environment: Record<string, string> = {}) {
  const reading = readConfig(flags, environment);
  if (!reading.ok || reading.value.kind !== "config") throw new Error("no configuration");
  return reading.value.config;
}
function problems(flags: string[], environment: Record<string, string> = {}): readonly string[] {
  const reading = readConfig(flags, environment);
  return reading.ok ? [] : reading.error;
}

describe("the node's configuration", () => {
  it("suits a first try without a word", () => {
    expect(config([])).toMatchObject({ port: undefined, host: "127.0.0.1", trustedProxies: 0, retentionDays: 30 });
  });

  it("takes flags before environment before defaults", () => {
    const environment = { KITH_PORT: "9000", KITH_RETENTION_DAYS: "7", PATH: "/bin" };
    expect(config(["--port", "9001", "--host=0.0.0.0"], environment)).toMatchObject({
      port: 9_001,
      host: "0.0.0.0",
      retentionDays: 7,
    });
  });

  it("names every setting in its help", () => {
    const reading = readConfig(["--port", "1", "--help"], {});
    const text = reading.ok && reading.value.kind === "help" ? reading.value.text : "";
    for (const name of ["--port", "KITH_PORT", "--trust-proxy", "KITH_TRUST_PROXY", "KITH_RELAY_MIB"]) {
      expect(text).toContain(name);
    }
  });

  it.each([
    [["--prot", "1"], {}, '"--prot"'],
    [["port"], {}, '"port"'],
    [["--port"], {}, "needs a value"],
    [["--port", "1", "--port", "2"], {}, "twice"],
    [["--port", "65536"], {}, "0 to 65535"],
    [["--port", "-1"], {}, "whole number"],
    [["--port", "1e3"], {}, "whole number"],
    [["--retention-days", "0"], {}, "1 to 3650"],
    [["--host", ""], {}, "needs a value"],
    [["--metrics", "all"], {}, "public, local, off"],
    [[], { KITH_PROT: "1" }, "KITH_PROT"],
    [[], { KITH_PORT: "" }, "KITH_PORT"],
    [[], { KITH_TRUST_PROXY: "yes" }, "KITH_TRUST_PROXY"],
  ])("says what is wrong with %j %j", (flags, environment, word) => {
    const said = problems(flags, environment as Record<string, string>);
    expect(said.join(" ")).toContain(word);
    for (const sentence of said) expect(sentence).toMatch(/[.]$/);
  });

  it("says everything that is wrong at once", () => {
    expect(problems(["--port", "x", "--frames-per-second", "0"], { KITH_NO: "1" })).toHaveLength(3);
  });
});
