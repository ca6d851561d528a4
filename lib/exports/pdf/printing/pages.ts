// Collects the operators of a page as one text; PDFKit makes a buffer of each and joins them.
import { documents, type Page } from './inner.ts';

export function quickenPages(): void {
  const { addContent } = documents;
  const collected = new WeakMap<Page, { text: string }>();

  documents.addContent = function (operators) {
    const { page } = this;
    let operatorsOfPage = collected.get(page);
    if (operatorsOfPage === undefined) {
      const { content } = page;
      // What PDFKit puts in the place of a page, such as a pattern, writes as before.
      if (content === undefined) return addContent.call(this, operators);
      const begun = { text: '' };
      const { end } = content;
      content.end = (chunk) => {
        content.write(begun.text);
        content.end = end;
        end.call(content, chunk);
      };
      collected.set(page, begun);
      operatorsOfPage = begun;
    }
    operatorsOfPage.text += operatorsOfPage.text === '' ? operators : `\n${operators}`;
    return this;
  };
}
