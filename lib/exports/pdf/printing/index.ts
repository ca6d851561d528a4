// Makes pdfmake print the same pages with less work.
import { quickenDrawings } from './drawings.ts';
import { quickenInlines } from './inlines.ts';
import { quickenLines } from './lines.ts';
import { quickenPages } from './pages.ts';
import { quickenStyles } from './styles.ts';

/** Once per process. @param family the font family of labels in pictures */
export function quickenPrinting(family: string): void {
  quickenStyles();
  quickenInlines();
  quickenPages();
  quickenLines();
  quickenDrawings(family);
}
