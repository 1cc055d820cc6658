// The rules in force, as far as a person wants them in words (docs/formats/custody.md, "Rules").

export interface Purpose {
  name: string;
  classes: string[];
  /** How many others must sign. */
  signers: number;
  /** Machines read for it, in batches. */
  service: boolean;
  per_reader: number;
  per_zone: number;
}

export interface Rulebook {
  purposes: Purpose[];
  zones: string[];
  delay_s: number;
  freshness_s: number;
}

/** Null when the text is not of the form this page knows. */
export function readRules(text: string): Rulebook | null {
  try {
    const rules = JSON.parse(text) as Omit<Rulebook, 'purposes'> & { purposes: Record<string, Omit<Purpose, 'name'>> };
    const purposes = Object.entries(rules.purposes).map(([name, purpose]) => ({ ...purpose, name, classes: [...purpose.classes] }));
    return { purposes, zones: [...rules.zones], delay_s: rules.delay_s, freshness_s: rules.freshness_s };
  } catch {
    return null;
  }
}

export const peoplesPurposes = (rules: Rulebook): Purpose[] => rules.purposes.filter((purpose) => !purpose.service);

/** Every class that any of the purposes may read, each once. */
export const classesOf = (purposes: Purpose[]): string[] => [...new Set(purposes.flatMap((purpose) => purpose.classes))];
