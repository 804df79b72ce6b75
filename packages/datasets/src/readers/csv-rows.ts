import { LetheError, isLetheError } from "@lethe/core";

/**
 * Calls `use` with the cells of every record and the line it ends in (from 1). Quoted cells may hold delimiters, doubled quotes and line
 * breaks; empty lines are skipped.
 *
 * @throws LetheError `data/bad-csv` (quotes), `data/ragged-row` (another number of cells than in the first record); both name the line.
 */
export async function forEachCsvRow(
  text: string,
  delimiter: string,
  source: string,
  use: (cells: readonly string[], line: number) => void,
): Promise<void> {
  // Loaded when it is needed. The build for browsers brings its own Buffer; it works in Node as well.
  const { parse } = await import("csv-parse/browser/esm/sync");
  try {
    parse(text, {
      delimiter,
      skip_empty_lines: true,
      // Nothing is returned, so that the text of the whole table is never held as cells.
      on_record: (cells: string[], { lines }) => {
        use(cells, lines);
        return null;
      },
    });
  } catch (cause) {
    if (isLetheError(cause)) throw cause;
    throw readable(cause, source);
  }
}

interface CsvFailure {
  readonly code?: unknown;
  readonly lines?: unknown;
  readonly message?: unknown;
}

function readable(cause: unknown, source: string): LetheError {
  const { code, lines, message } = cause as CsvFailure;
  const place = typeof lines === "number" ? `Line ${lines} of ${source}` : source;
  if (code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH") {
    const sentence = `${place} has another number of cells than the first line; is the delimiter right?`;
    return new LetheError("data/ragged-row", sentence, { source, line: lines }, { cause });
  }
  return new LetheError("data/bad-csv", `${place} cannot be read as CSV: ${String(message)}.`, { source, line: lines }, { cause });
}
