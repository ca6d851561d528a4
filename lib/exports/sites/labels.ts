// Names of sites as R has them after reading: unique, and none that R takes for a missing value.
import { disarmed } from '../../csv.ts';
import { onOneLine } from '../../plain-text.ts';

/** What R makes of a name: a column of numbers is read as numbers, so 07 and 7 are one row name. */
const asRowName = (label: string): string =>
  label.trim() !== '' && Number.isFinite(Number(label)) ? String(Number(label)) : label;

/**
 * One label for each location, in order: its name; with its id where the name is empty, is `NA`, or
 * was given to an earlier location.
 */
export function labelSites(locations: readonly { id: string; name: string }[]): string[] {
  const taken = new Set(['', 'NA']);
  return locations.map(({ id, name }) => {
    // As the CSV writer prints it: the printed names have to differ.
    const printed = String(disarmed(onOneLine(name)));
    const forms = [printed, `${printed} (${id.slice(0, 8)})`.trim(), `${printed} (${id})`.trim()];
    const label = forms.find((form) => !taken.has(asRowName(form))) ?? id;
    taken.add(asRowName(label));
    return label;
  });
}
