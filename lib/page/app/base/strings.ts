// Every sentence of the page in English: another language is another file with the same names.
// Longer than 300 lines because it is one list of sentences.
const many = (n: number, single: string, more = `${single}s`): string =>
  `${n.toLocaleString()} ${n === 1 ? single : more}`;

interface KindWords {
  name: string;
  /** Where it can be chosen: what it is for. */
  about?: string;
  /** Where it is not made, but done: what its states are called. */
  status?: Record<string, string>;
}

const en = {
  product: 'Hoofprint',
  skip: 'Skip to content',
  screens: 'Screens',
  nav: {
    overview: 'Overview',
    exports: 'Exports',
    deer: 'Deer',
    reid: 'Re-ID',
    survey: 'Survey',
    settings: 'Settings',
  },
  newExport: 'New export',
  loading: 'Loading ...',
  again: 'Try again',
  away: 'The service does not answer. This page continues as soon as it answers.',
  goesOn: 'This page continues as soon as it can.',
  zone: (name: string) => `Time zone: ${name}.`,
  cannotShow: 'This cannot be shown now',
  notHere: 'There is no such screen.',
  toOverview: 'Go to the overview',
  table: (what: string) => `Show as a table: ${what}`,

  signIn: {
    title: 'Sign in',
    key: 'Key',
    hint: 'A key starts with hp_. The person who runs this service makes one: npm run keys -- create',
    act: 'Sign in',
    ended: 'Your session has ended. Sign in again: nothing that you typed is lost.',
    out: 'Sign out',
    notNeeded: 'This service needs no key.',
  },

  kinds: {
    pdf: { name: 'Report', about: 'A PDF for a meeting: charts, tables and what changed.' },
    zip: {
      name: 'Archive',
      about: 'A ZIP with crops, tables and a Camtrap DP package. 1,000 crops take about 10 seconds.',
    },
    occupancy: {
      name: 'Occupancy data',
      about: 'A ZIP with detection history and effort for the R package unmarked.',
    },
    reid: { name: 'Re-ID analysis' },
    import: { name: 'Import', status: { processing: 'Being imported', completed: 'Imported' } },
  } as Record<string, KindWords>,

  overview: {
    title: 'Overview',
    period: (from: string, to: string) => `${from} to ${to}`,
    shifted: 'No pictures are newer; this is the last year with pictures.',
    events: 'independent events',
    detections: 'detections',
    individuals: 'known deer seen',
    nights: 'trap nights',
    rate: 'events per 100 trap nights',
    unknown: 'not known',
    chart: 'Events per 100 trap nights by month and class',
    month: 'Month',
    cameras: 'Cameras',
    camera: 'Camera',
    lastImage: 'Last picture',
    silent: 'no picture for 7 days',
    notRunning: 'not running',
    countSilent: (silent: number, running: number, all: number) =>
      [
        silent === 0
          ? `No camera is silent: ${many(running, 'camera was', 'cameras were')} running at the end of this time, each with a picture in its last 7 days.`
          : `${silent} of ${many(running, 'running camera')} had no picture for 7 days.`,
        ...(running < all ? [`${many(all - running, 'camera was', 'cameras were')} not running.`] : []),
      ].join(' '),
    mapNote: 'Circle size shows the rate. A hollow circle is a camera without a picture for 7 days.',
    noPlaces: 'The database has no coordinates of cameras, so there is no map.',
    north: 'N',
    attention: 'Needs attention',
    nothing: 'Nothing needs attention.',
    newest: 'Newest exports',
    noExports: 'No exports yet.',
    filled: 'Show the season',
    empty: 'The database is empty. Bring in a Camtrap DP package: choose it here, or drop it.',
  },

  form: {
    title: 'New export',
    kind: 'What do you need?',
    period: 'Period',
    presets: {
      season: 'This season',
      autumn: 'Last autumn',
      rut: 'Rut (November)',
      month: 'Last 30 days',
      lastYear: 'Same period, one year before',
    },
    from: 'First day',
    to: 'Last day',
    groupBy: 'Group by',
    groups: { day: 'Day', week: 'Week', month: 'Month' },
    classes: 'Classes',
    cameras: 'Cameras',
    all: 'All are included unless you choose some.',
    titleField: 'Title (optional)',
    options: 'Options',
    reportType: 'Type of report',
    reportTypes: { seasonal_activity: 'One season', comparison: 'Comparison of periods' },
    charts: 'Charts',
    tables: 'Tables',
    insights: 'What changed, in sentences',
    pictures: 'A picture of each known deer (takes some seconds: up to 60 camera images are read)',
    map: 'Map of the cameras (takes no time; it shows where they are)',
    survey: 'Survey of the herd: fawns and bucks per 100 does, when they move',
    crops: 'Pictures of the animals (the largest part of the file)',
    cropSize: 'Longest side of a picture, in pixels',
    metadata: 'Table of all detections (metadata.csv)',
    camtrapDp: 'Camtrap DP package',
    surveyFiles: 'Tables for R and GIS, and a workbook',
    identities: 'Who names the animals',
    identityChoices: {
      roster: 'People who went through the events',
      platform: 'The platform: every event has an identity',
    },
    occasionDays: 'Days of one occasion',
    minutes: 'Minutes between independent events',
    coordinates: 'Coordinates',
    coordinateChoices: { '': 'As this service is set', exact: 'Exact', rounded: 'Rounded', withheld: 'Withheld' },
    periods: 'Periods to compare',
    label: 'Name',
    addPeriod: 'Add a period',
    removePeriod: (label: string) => `Remove ${label || 'this period'}`,
    act: 'Make it',
    sending: 'Sending ...',
    curl: 'The same from a terminal',
    copy: 'Copy',
    copied: 'Copied',
    wrong: (n: number) => `${many(n, 'field needs', 'fields need')} a change`,
    mayNot: 'Your key may look at exports, but not make any.',
  },

  exports: {
    title: 'Exports',
    none: 'No exports yet.',
    status: { processing: 'Being made', completed: 'Ready', failed: 'Failed' } as Record<string, string>,
    waiting: 'Waiting for its turn',
    percent: (n: number) => `${n} percent`,
    left: (seconds: number) =>
      seconds < 8
        ? 'a few seconds left'
        : seconds < 90
          ? `about ${Math.round(seconds / 5) * 5} seconds left`
          : `about ${many(Math.round(seconds / 60), 'minute')} left`,
    cancel: 'Cancel',
    remove: 'Remove',
    retry: 'Make it again',
    download: 'Download',
    downloaded: 'downloaded',
    hash: 'SHA-256',
    actOn: (act: string, name: string) => `${act}: ${name}`,
    asked: (when: string) => `asked for ${when}`,
    expires: (when: string) => `kept until ${when}`,
    name: (kind: string, when: string) => `${kind}, ${when}`,
  },

  deer: {
    title: 'Deer',
    none: 'No deer are enrolled in this database.',
    show: 'Show',
    everySex: 'All deer',
    sightings: (n: number) => many(n, 'event'),
    cameras: (n: number) => many(n, 'camera'),
    seen: (from: string, to: string) => `${from} to ${to}`,
    neverSeen: 'not seen yet',
    unassigned: (events: number, detections: number) =>
      `${many(events, 'event')} (${many(detections, 'detection')}) have no deer assigned.`,
    single: 'One deer',
    best: 'The best picture',
    picture: (name: string) => `Best picture of ${name}`,
    noPicture: 'No picture',
    byCamera: 'Cameras',
    byHour: 'Time of day',
    hour: 'Hour',
    events: 'Events',
    lookAlikes: 'Look-alikes',
    likeness: (score: string) => `similarity ${score}`,
    captionPicture: (what: string, when: string) => `${what}, ${when}`,
    more: 'Show more',
    back: 'All deer',
  },

  reid: {
    title: 'Re-ID',
    intro:
      'How certain is it that a picture shows a known deer? An analysis reads the reviews and the similarity scores and says which threshold is safe. Nothing in the database changes.',
    analyses: {
      thresholds: ['Thresholds', 'Which threshold should be used?'],
      scores: ['Scores', 'How do scores of the same and of different animals compare?'],
      plot: ['All charts', 'One page with every chart, for a meeting.'],
      matching: ['Matching', 'Would another way of matching find more deer?'],
    } as Record<string, readonly [string, string]>,
    run: 'Run',
    open: 'Open the full report',
    json: 'Result as JSON',
    current: (threshold: string, rate: string) =>
      `Now: threshold ${threshold}, ${rate} of the detections are assigned.`,
    recommended: (threshold: string) => `Recommended threshold: ${threshold}`,
    refused: 'No threshold can be recommended.',
    results: 'Analyses',
    none: 'No analyses yet.',
    mayNot: 'Your key may not run analyses.',
  },

  survey: {
    title: 'Survey',
    intro:
      'What the herd is: how many, fawns and bucks for each 100 does, and when they move. Each number has its interval, or the reason why it is not given. Nothing in the database changes.',
    run: 'Run a survey',
    days: 'Days (optional)',
    daysHint: 'Without days: the twelve months up to the last detection, and for head counts its best covered days.',
    from: 'First day of the period',
    to: 'Last day of the period',
    windowFrom: 'First day of the head count',
    windowTo: 'Last day of the head count',
    none: 'No survey yet.',
    mayNot: 'Your key may not run surveys.',
    numbers: 'Numbers',
    interval: (lower: string, upper: string) => `${lower} to ${upper}`,
    noLimit: 'no limit',
    bases: {
      corrected: '95%, misses taken out',
      naive: 'naive: as people named them, misses included; no interval',
      places: '95%, over locations',
      counting: '95%, counting error alone',
    } as Record<string, string>,
    refused: 'What is not given, and what would mend it',
    open: 'Open the full page',
    json: 'Result as JSON',
    others: 'Being made, and earlier ones',
  },

  imports: {
    title: 'Import',
    act: 'Import a package',
    intro:
      'Bring in pictures and observations as a Camtrap DP package: one ZIP file of up to 2 GB. Data that are already there are not loaded twice.',
    choose: 'Choose a package, or drop it here',
    hint: 'In a terminal: npm run import -- package.zip',
    sent: (sent: string, all: string) => `${sent} of ${all} sent`,
    whole: 'all of it is here, and not imported.',
    chooseAgain: 'Choose the same file to go on with the rest.',
    goOn: 'Go on',
    start: 'Import it',
    lenient: 'Import what is valid',
    remove: 'Remove the upload',
    table: 'Table',
    made: 'New',
    there: 'Already there',
    tables: {
      locations: 'Locations',
      deployments: 'Deployments',
      images: 'Images',
      detections: 'Detections',
      deer: 'Deer',
    },
    observations: 'Observations',
    classes: 'Detections of animals',
    skipped: (n: number) => `Skipped, ${many(n, 'reason')}:`,
    more: (n: number) => `and ${n.toLocaleString()} more`,
    json: 'Summary as JSON',
    mayNot: 'Your key may not import packages.',
  },

  settings: {
    title: 'Settings',
    who: 'Who am I',
    local: 'No key is needed on this machine.',
    scopes: 'May',
    health: 'Services',
    clock: 'Time zone',
    version: 'Version',
    docs: 'Documents that come with Hoofprint',
    docList: [
      'README.md',
      'docs/quickstart.md',
      'docs/OPERATIONS.md',
      'docs/REID_OPTIMIZATION_ANALYSIS.md',
      'docs/openapi.yaml',
    ],
    data: 'Pictures and observations',
    keys: 'Keys are made and revoked in a terminal: npm run keys',
  },
} as const;

export const t = en;
