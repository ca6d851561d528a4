// What R makes of the files of survey/ with the lines of the README; without R, the form of those
// lines alone is looked at. camtrapR, secr, unmarked and sf are used where they are installed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type World, world } from './fixture.ts';
import { archiveOf, on, roster, survey, TWO, textOf } from './survey-world.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

/** Lines of R of the README, in their order. */
const callsOf = (readme: string): string[] =>
  readme.split('\n').flatMap((line) => (/^ {4}[a-z]+( <- |.*::)/.test(line) ? [line.trim()] : []));

test('the README has the line of R for each file, with the names and columns that the files have', async () => {
  const ids = await survey(earth);
  await roster(earth, ids, TWO);
  const found = await archiveOf(earth);
  const calls = callsOf(textOf(found, 'README.txt'));
  const read = [...calls.join('\n').matchAll(/"(survey[^"]+)"/g)].map(([, name]) => name!);
  expect([...new Set(read)].sort()).toEqual([...found.keys()].filter((name) => name.startsWith('survey')).sort());
  for (const call of calls)
    for (const [, column] of call.matchAll(/(?:Col|row\.names) = "([^"]+)"/g))
      expect(textOf(found, 'survey/camera_table.csv')).toContain(column!);
  expect(calls.filter((call) => call.includes('read.capthist('))).toEqual(
    ['secr_captures.txt', 'secr_captures_2_events.txt'].map((name) =>
      expect.stringContaining(
        `secr::read.capthist("survey/${name}", "survey/secr_traps.txt", detector = "proximity", covnames = "Sex", binary.usage = FALSE)`,
      ),
    ),
  );
});

/**
 * Base R reads every file; each package that is there reads what is its own. What was read is
 * printed as words of one line.
 */
const R = `
setwd(commandArgs(TRUE)[1])
lines <- trimws(grep("^    [a-z]+( <- |.*::)", readLines("README.txt"), value = TRUE))
has <- function(name) requireNamespace(name, quietly = TRUE)
run <- function(pattern) { found <- grep(pattern, lines, value = TRUE); stopifnot(length(found) == 1); eval(parse(text = found), globalenv()) }
run("^records <- "); run("^cameras <- "); run("^camop <- as.matrix"); run("^y <- "); run("^effort <- "); run("^sites <- ")
stopifnot(identical(names(records)[1:13], c("Station", "Species", "Individual", "DateTimeOriginal", "Date", "Time", "delta.time.secs",
  "delta.time.mins", "delta.time.hours", "delta.time.days", "Directory", "FileName", "n_individuals")))
stopifnot(!anyNA(as.POSIXct(records$DateTimeOriginal, tz = "UTC", format = "%Y-%m-%d %H:%M:%S")), is.numeric(records$delta.time.secs))
stopifnot(is.numeric(camop), is.matrix(camop), all(diff(as.Date(colnames(camop))) == 1), all(records$Station %in% rownames(camop)))
stopifnot(all(camop[cbind(records$Station, records$Date)] > 0), all(cameras$Station %in% rownames(camop)))
stopifnot(all(as.Date(cameras$Setup_date) < as.Date(cameras$Retrieval_date)), identical(is.na(y), is.na(effort)), all(effort > 0, na.rm = TRUE))
captures <- read.table("survey/secr_captures.txt", colClasses = c(rep("character", 2), "integer", "character", "character"), comment.char = "#")
traps <- read.table("survey/secr_traps.txt", row.names = 1, comment.char = "#")
stopifnot(ncol(captures) == 5, all(captures[, 4] %in% rownames(traps)), max(captures[, 3]) <= ncol(traps) - 2)
stopifnot(all(as.matrix(traps[, -(1:2)])[cbind(match(captures[, 4], rownames(traps)), captures[, 3])] > 0), !anyDuplicated(captures[, 2:4]))
cat("base", nrow(records), dim(camop), dim(y), nrow(captures), dim(traps), "")
if (has("camtrapR") || nzchar(Sys.getenv("CAMTRAPR_SOURCE"))) {
  if (!has("camtrapR")) {
    # The package's own functions, without its dashboard: lines of the README name it.
    library(data.table); suppressMessages(library(lubridate)); library(methods)
    for (file in c("variousOtherHelperFunctions.R", "cameraOperation.R", "detectionHistory.R", "spatialDetectionHistory.R"))
      source(file.path(Sys.getenv("CAMTRAPR_SOURCE"), file))
    lines <- sub("camtrapR::", "", lines, fixed = TRUE)
  }
  ours <- camop
  run("^camop <- .*cameraOperation")
  run("^camop <- camop")
  theirs <- camop[rownames(ours), colnames(ours)]
  stopifnot(identical(is.na(theirs), is.na(ours)), isTRUE(all.equal(c(theirs), c(ours), tolerance = 2e-4)))
  camop <- ours
  history <- eval(parse(text = grep("detectionHistory", lines, value = TRUE)))
  stopifnot(sum(history$detection_history, na.rm = TRUE) > 0)
  cat("camtrapR", sum(history$detection_history, na.rm = TRUE), "")
}
if (has("unmarked")) {
  run("^umf <- ")
  stopifnot(unmarked::numSites(umf) == nrow(y))
  cat("unmarked", unmarked::numSites(umf), "")
}
if (has("secr")) {
  run("^all <- "); run("^known <- ")
  stopifnot(secr::verify(all)$errors == FALSE, secr::verify(known)$errors == FALSE)
  stopifnot(identical(unname(secr::usage(secr::traps(all))), unname(as.matrix(traps[, -(1:2)]))), "Sex" %in% names(secr::covariates(all)))
  cat("secr", nrow(all), ncol(all), sum(all), nrow(known), "")
}
if (has("sf")) {
  run("^points <- ")
  cat("sf", nrow(points), as.character(sf::st_crs(points)$input), "")
  if (!is.na(cameras$utm_x[1])) {
    utm <- sf::st_coordinates(sf::st_transform(points, 32614))
    known <- cameras[!duplicated(cameras$Station) & !is.na(cameras$utm_x), ]
    stopifnot(max(abs(utm[match(known$Station, points$station), 1:2] - as.matrix(known[, c("utm_x", "utm_y")]))) < 0.01)
  }
}
if (has("readxl")) {
  eval(parse(text = sub("^readxl", "sheet <- readxl", grep("read_excel", lines, value = TRUE))))
  stopifnot(nrow(sheet) == nrow(records), inherits(sheet$DateTimeOriginal, "POSIXct"), is.character(sheet$Station), inherits(sheet$Date, "POSIXct"))
  stopifnot(identical(format(sheet$DateTimeOriginal, tz = "UTC"), records$DateTimeOriginal))
  cat("readxl", dim(sheet), "")
}
`;

const read = (folder: string): string => {
  writeFileSync(join(folder, 'read.R'), R);
  const { stdout, stderr } = spawnSync('Rscript', [join(folder, 'read.R'), folder], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  });
  expect(stderr).not.toMatch(/Error|Warning message/);
  return stdout;
};

if (spawnSync('Rscript', ['--version']).status === 0)
  test('R reads them with the lines of the README, and the packages that are there agree', async () => {
    const ids = await survey(earth);
    await roster(earth, ids, TWO);
    await earth.deploy('007 "upper"', on(1, '00:00:00'), on(9, '00:00:00'));
    await earth.add([{ place: '007 "upper"', at: on(5), class: 'buck' }]);
    const folder = mkdtempSync(join(tmpdir(), 'hoofprint-survey-'));
    try {
      for (const [name, { body }] of await archiveOf(earth)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), body);
      }
      const printed = read(folder);
      expect(printed).toContain('base 10 5 10 5 2 5 3 12 ');
      for (const [name, words] of [
        ['camtrapR', '3'],
        ['unmarked', '5'],
        ['secr', '3 10 5 1'],
        ['sf', '5 WGS 84'],
        ['readxl', '10 14'],
      ])
        if (printed.includes(`${name} `)) expect(printed).toContain(`${name} ${words} `);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
