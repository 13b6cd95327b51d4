/** Amounts of data in words, in the units people know from their devices' settings. */

const language = "en-GB";
const unit = (name: string, digits: number) =>
  new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits });
const kilobyte = 1_000;
const scale = [
  { from: kilobyte ** 3, format: unit("gigabyte", 1) },
  { from: kilobyte ** 2, format: unit("megabyte", 1) },
  { from: kilobyte, format: unit("kilobyte", 0) },
];
const bytes = new Intl.NumberFormat(language, { style: "unit", unit: "byte", unitDisplay: "long" });

export function sizeInWords(amount: number): string {
  // Half a step below: what rounds to the next unit is said in it.
  const fitting = scale.find(({ from }) => amount >= from * 0.9995);
  return fitting ? fitting.format.format(amount / fitting.from) : bytes.format(amount);
}
