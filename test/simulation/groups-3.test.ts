// A quarter of the lives of groups (group-lives.ts).
import { liveInGroups } from "./group-lives.ts";

liveInGroups(2);
