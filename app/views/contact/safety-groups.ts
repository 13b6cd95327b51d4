/** 60 digits as 12 groups of 5, the way people read them to each other. */
export function safetyGroups(digits: string): readonly string[] {
  return digits.match(/.{1,5}/g) ?? [];
}
