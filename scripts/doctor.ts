import { diagnose, examine } from "../lib/doctor/report.ts";
import type { Finding } from "../lib/doctor/finding.ts";
import { openLaboratory } from "../lib/doctor/laboratory.ts";
import { Lakehouse } from "../lib/lakehouse/lakehouse.ts";
import { toJson } from "../lib/lakehouse/row.ts";
import { findModel } from "../lib/sentiment/find_model.ts";
import { parameters } from "../lib/settings.ts";
import { main } from "./command/command.ts";
import { lakeArgument } from "./command/lake_argument.ts";
import { exitOnSignals } from "./command/exit_on_signals.ts";
import { modelArgument, modelOption } from "./command/model_argument.ts";
import { formatTable } from "./command/table.ts";

await main({
  name: "doctor",
  summary:
    "Says how optimized a lake is: spill, skew, shuffle, storage and serialization, each measured\n" +
    "on a copy of the newest rows, with a verdict and what to do. Nothing is written to the lake;\n" +
    "streams may run, but then times are theirs, too. Notebook 11 shows the experiments.",
  options: {
    lake: { value: "DIR", help: "folder of the tables (BIRDSONG_LAKE)" },
    model: modelOption,
    json: { help: "print findings and measurements as JSON; seconds and bytes" },
  },
  async run({ options, switches }) {
    const defaults = parameters();
    const folder = lakeArgument("doctor", options.lake);
    const lake = await Lakehouse.open(folder, { readOnly: true });
    exitOnSignals();
    const lab = await openLaboratory(lake).finally(() => lake.close());
    try {
      const { running, version } = lab.facts;
      if (running.length > 0) {
        const names = running.join(", ");
        console.error(
          `${names} is writing to this lake: figures are those of version ${version}, and times ` +
            "are longer than on a machine at rest",
        );
      }
      const settings = {
        ...defaults,
        ...(options.model ? { model: modelArgument(options.model) } : {}),
      };
      const model = await findModel(settings, console.error);
      const measurements = await examine(
        lab,
        { model: model.folder, provider: settings.provider },
        (dimension) => console.error(`measuring ${dimension} ...`),
      );
      const findings = diagnose(measurements);
      if (switches.has("json")) {
        console.log(toJson({ lake: folder, version, findings, measurements }, 2));
      } else {
        console.log(asTable(findings));
      }
    } finally {
      lab.close();
    }
  },
});

/** The advice stands below what was measured: beside it, lines would be too long to read. */
function asTable(findings: Finding[]): string {
  return formatTable(
    ["dimension", "verdict", "measured, and advice"],
    findings.flatMap(({ dimension, verdict, measured, advice }) => [
      [dimension, verdict, measured],
      ["", "", advice],
    ]),
  );
}
