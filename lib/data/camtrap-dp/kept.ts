// What a package says beyond the columns of the database: kept beside them as it is, so that an
// export passes it on.
import { RULES, type Table } from './rules.ts';
import type { Cells } from './tables.ts';

const KEPT: Record<Table, readonly string[]> = {
  deployments: [
    ...[
      'coordinateUncertainty',
      'setupBy',
      'cameraModel',
      'cameraDelay',
      'cameraHeight',
      'cameraDepth',
      'cameraTilt',
      'cameraHeading',
    ],
    ...[
      'detectionDistance',
      'timestampIssues',
      'baitUse',
      'featureType',
      'deploymentGroups',
      'deploymentTags',
      'deploymentComments',
    ],
  ],
  media: ['captureMethod', 'favorite', 'mediaComments'],
  observations: [
    ...[
      'observationID',
      'cameraSetupType',
      'lifeStage',
      'sex',
      'behavior',
      'individualPositionRadius',
      'individualPositionAngle',
    ],
    ...['individualSpeed', 'classifiedBy', 'classificationTimestamp', 'observationTags', 'observationComments'],
  ],
};

/** By the standard's names, numbers and booleans as such. */
export function kept(table: Table, row: Cells): Record<string, unknown> {
  return Object.fromEntries(
    KEPT[table].flatMap((name) => {
      const [cell, is] = [row[name], RULES[table][name]!.is];
      if (cell === undefined) return [];
      return [[name, is === 'number' || is === 'integer' ? Number(cell) : is === 'boolean' ? cell === 'true' : cell]];
    }),
  );
}
