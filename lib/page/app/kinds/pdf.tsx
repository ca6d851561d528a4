// The PDF report in the form of a new export.
import { schemas, pdf as validate } from 'compiled-contracts';
import { pdfRules } from '../../../exports/pdf/rules.ts';
import { change, common, draft, unlessDefault } from '../base/draft.ts';
import { yearBefore } from '../base/presets.ts';
import { t } from '../base/strings.ts';
import { DraftCheck } from '../parts/draft-fields.tsx';
import { ChoiceField } from '../parts/fields.tsx';
import { Coordinates, coordinatesIn } from './coordinates.tsx';
import type { FormKind, OptionsProps } from './kind.ts';
import { Periods } from './periods.tsx';

function Options({ shown }: OptionsProps) {
  const { report_type, include_map } = draft.value;
  const choose = (type: string): void => {
    change({ report_type: type });
    if (type === 'comparison' && draft.value.comparison_periods.length === 0 && draft.value.start_date !== '') {
      const now = { start_date: draft.value.start_date, end_date: draft.value.end_date };
      const before = yearBefore(now);
      change({
        comparison_periods: [before, now].map((period) => ({ ...period, label: period.start_date.slice(0, 4) })),
      });
    }
  };
  return (
    <>
      <ChoiceField
        pointer="/report_type"
        label={t.form.reportType}
        problems={shown}
        value={report_type}
        choices={t.form.reportTypes}
        onChange={choose}
      />
      {report_type === 'comparison' && <Periods shown={shown} />}
      <DraftCheck name="include_charts" label={t.form.charts} />
      <DraftCheck name="include_tables" label={t.form.tables} />
      <DraftCheck name="include_insights" label={t.form.insights} />
      <DraftCheck name="include_survey" label={t.form.survey} />
      <DraftCheck name="include_pictures" label={t.form.pictures} />
      <DraftCheck name="include_map" label={t.form.map} />
      {include_map && <Coordinates shown={shown} />}
    </>
  );
}

export const pdf: FormKind = {
  schema: schemas.pdf,
  validate,
  rules: pdfRules,
  isGrouped: true,
  toRequest: (value) => ({
    ...common(value),
    group_by: value.group_by,
    ...unlessDefault(value, 'independence_minutes', 'report_type'),
    ...(value.report_type === 'comparison' ? { comparison_periods: value.comparison_periods } : {}),
    ...(value.include_map ? coordinatesIn(value) : {}),
    ...unlessDefault(value, 'include_charts', 'include_tables', 'include_insights', 'include_survey'),
    ...unlessDefault(value, 'include_pictures', 'include_map'),
  }),
  Options,
};
