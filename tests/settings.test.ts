import assert from "node:assert/strict";
import { isAbsolute } from "node:path";
import process from "node:process";
import { BirdsongError } from "../lib/errors.ts";
import { projectPath, projectRoot } from "../lib/paths.ts";
import { parameters, settingDefinitions, type Settings } from "../lib/settings.ts";

type Name = keyof Settings;
const names = Object.keys(settingDefinitions) as Name[];

/** Runs a test with these environment variables, and no other one that holds a setting. */
function withEnvironment(variables: Record<string, string>, test: () => void): void {
  const before = { ...process.env };
  for (const name of names) delete process.env[settingDefinitions[name].environment];
  Object.assign(process.env, variables);
  try {
    test();
  } finally {
    for (const name of names) delete process.env[settingDefinitions[name].environment];
    Object.assign(process.env, before);
  }
}

/** For each setting a text of the environment, what it means, and texts that mean nothing. */
const examples: { [K in Name]: [text: string, value: Settings[K], wrong: string[]] } = {
  engine: ["sc://localhost:15002", "sc://localhost:15002", ["spark", "Embedded"]],
  sparkDatabase: ["tweets_2026", "tweets_2026", ["a b", "a.b", "1st", "a;b"]],
  sparkUi: ["http://127.0.0.1:4040", "http://127.0.0.1:4040", ["127.0.0.1:4040"]],
  source: ["my tweets", projectPath("my tweets"), []],
  lake: ["/some/lake/", "/some/lake", []],
  catalog: ["postgres:dbname=lake", "postgres:dbname=lake", ["sqlite:x", "postgres:", "dbname=x"]],
  storage: ["s3://lake/a", "s3://lake/a", ["lake", "s3://", "gs://lake", "s3://lake/*"]],
  mlflow: ["../mlflow", projectPath("../mlflow"), []],
  mlflowPort: ["5001", 5001, ["0", "65536", "-1", "5e3", "x", "5000 "]],
  mlflowUri: ["http://127.0.0.1:5000", "http://127.0.0.1:5000", [
    "127.0.0.1:5000",
    "file:///x",
    "x",
  ]],
  model: ["./m", projectPath("m"), ["models:x"]],
  modelUri: ["models:/OTHER/3", "models:/OTHER/3", ["OTHER", "models:/", "runs:/1/model"]],
  provider: ["webgpu", "webgpu", ["gpu", "CPU", "cuda,cpu"]],
  scoreCache: ["no", false, ["off", "/some/folder"]],
  maxFilesPerTrigger: ["7", 7, ["0", "-1", "1.5", "many", "1e3", "07", "9999999999"]],
  maxRowsPerTrigger: ["20000", 20_000, ["0", "20_000", "NaN"]],
  clearPreviousRun: ["yes", true, ["maybe", "2", "y"]],
  stopStreams: ["0", false, ["off"]],
  optimizeTables: ["FALSE", false, ["never"]],
  loopApplication: ["1", true, ["loop"]],
  processingTime: ["500 ms", "500 ms", ["soon", "2", "-1 seconds", "2 months"]],
  neutralAs: ["positive", "positive", ["neutral", "Exclude"]],
  monitorInterval: ["0.5", 0.5, ["0", "-1", "11", "Infinity", "NaN", "2 s"]],
};

Deno.test("every setting has a default, which its own check accepts, and a variable of its own", () => {
  withEnvironment({}, () => {
    const settings = parameters();
    assert.deepEqual(Object.keys(settings), names);
    for (const name of names) {
      const { default: value, parse, environment, meaning } = settingDefinitions[name];
      assert.deepEqual(settings[name], value);
      if (value !== null) assert.deepEqual(parse(String(value)), value, name);
      assert.match(environment, /^(BIRDSONG_|MLFLOW_)[A-Z_]+$/);
      assert.ok(meaning.length > 10, name);
    }
  });
  const variables = names.map((name) => settingDefinitions[name].environment);
  assert.equal(new Set(variables).size, names.length);
});

for (const name of names) {
  const { environment } = settingDefinitions[name];
  const [text, value, wrong] = examples[name];

  Deno.test(`${environment} wins over the cell, and the cell over the default`, () => {
    const { default: byDefault } = settingDefinitions[name];
    withEnvironment({}, () => {
      assert.deepEqual(parameters({ [name]: value })[name], value);
      for (const nothing of [undefined, null, ""]) {
        assert.deepEqual(parameters({ [name]: nothing })[name], byDefault);
      }
    });
    withEnvironment({ [environment]: text }, () => {
      assert.deepEqual(parameters()[name], value);
      assert.deepEqual(parameters({ [name]: byDefault })[name], value);
      const others = { ...parameters(), [name]: byDefault };
      withEnvironment({}, () => assert.deepEqual(others, parameters(), "no other setting changes"));
    });
    withEnvironment({ [environment]: "" }, () => {
      assert.deepEqual(parameters({ [name]: value })[name], value, "an empty variable is none");
    });
  });

  for (const mistake of wrong) {
    Deno.test(`${environment}=${mistake} is refused, with what is allowed`, () => {
      const refusal = (where: string) => (error: Error) => {
        assert.ok(error instanceof BirdsongError);
        assert.ok(error.message.startsWith(`${where} must be `), error.message);
        assert.ok(error.message.endsWith(`, but is "${mistake}"`), error.message);
        assert.ok(error.message.length > `${where} must be , but is "${mistake}"`.length + 5);
        assert.equal(error.context.setting, environment);
        return true;
      };
      withEnvironment({ [environment]: mistake }, () => {
        assert.throws(() => parameters(), refusal(environment));
      });
      withEnvironment({}, () => {
        const inCell = { [name]: mistake } as Partial<Settings>;
        assert.throws(() => parameters(inCell), refusal(`${name} in the cell`));
      });
    });
  }
}

Deno.test("a choice is refused with the names to choose from", () => {
  withEnvironment({ BIRDSONG_PROVIDER: "gpu" }, () => {
    assert.throws(() => parameters(), {
      message: 'BIRDSONG_PROVIDER must be one of auto, cuda, webgpu, cpu, but is "gpu"',
    });
  });
});

Deno.test("paths are absolute, relative ones begin in the project, and one folder has one name", () => {
  const folders = ["source", "lake", "mlflow"] as const;
  const before = process.cwd();
  process.chdir("/");
  try {
    withEnvironment({}, () => {
      for (const name of folders) {
        assert.ok(isAbsolute(parameters()[name]));
        for (const path of ["a/b", "./a/b/", "a/c/../b", `${projectRoot}/a/b/`]) {
          assert.equal(parameters({ [name]: path })[name], projectPath("a/b"), path);
        }
      }
    });
    for (const name of folders) {
      withEnvironment({ [settingDefinitions[name].environment]: "a/b/" }, () => {
        assert.equal(parameters()[name], projectPath("a/b"));
      });
    }
  } finally {
    process.chdir(before);
  }
});

Deno.test("a setting that does not exist is refused, with the names of those that do", () => {
  const misspelt = { clearPreviosRun: true } as Partial<Settings>;
  assert.throws(() => parameters(misspelt), (error: Error) => {
    assert.ok(error instanceof BirdsongError);
    assert.match(error.message, /^there is no setting "clearPreviosRun"; there are: engine, /);
    for (const name of names) assert.ok(error.message.includes(name));
    return true;
  });
});

Deno.test("a token in the engine is refused, and not repeated: settings are shown", () => {
  for (
    const value of [
      "sc://localhost/;token=s3cret",
      "sc://localhost/;authorization=Bearer%20s3cret",
      "SC://localhost/;token=s3cret",
    ]
  ) {
    withEnvironment({ BIRDSONG_ENGINE: value }, () => {
      assert.throws(() => parameters(), (error: Error) => {
        assert.match(error.message, /must not hold a token.*SPARK_CONNECT_AUTHENTICATE_TOKEN/);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    });
  }
});

Deno.test("a password in an address is refused, and not repeated", () => {
  for (
    const [name, start] of [
      ["MLFLOW_TRACKING_URI", "https://ann:pssst@"],
      ["BIRDSONG_SPARK_UI", "https://pssst@"],
      ["MLFLOW_TRACKING_URI", "ann:pssst@"],
      ["MLFLOW_TRACKING_URI", "https//ann:pssst@"],
    ]
  ) {
    withEnvironment({ [name]: `${start}mlflow.example.org` }, () => {
      assert.throws(() => parameters(), ({ message }: Error) => {
        assert.match(
          message,
          /^the address of mlflow\.example\.org must not hold a user's name or p/,
        );
        assert.doesNotMatch(message, /pssst/);
        return true;
      });
    });
  }
});

Deno.test("a password in the catalog is refused, and not repeated", () => {
  for (
    const value of [
      "postgres:dbname=x password = pssst",
      "postgres:postgresql://a:pssst@h/x",
      "postgres:postgresql://a:x/pssst@h/x",
    ]
  ) {
    withEnvironment({ BIRDSONG_CATALOG: value }, () => {
      assert.throws(() => parameters(), ({ message }: Error) => {
        assert.match(message, /^the catalog \(BIRDSONG_CATALOG\) must not hold a password/);
        assert.doesNotMatch(message, /pssst/);
        return true;
      });
    });
  }
});

Deno.test("a key in the object storage's address is refused, and not repeated", () => {
  for (
    const value of ["s3://AKIA1:pssst@lake/a", "s3://AKIA1:ps/sst@lake", "s3a://AKIA1:pssst@lake"]
  ) {
    withEnvironment({ BIRDSONG_STORAGE: value }, () => {
      assert.throws(() => parameters(), ({ message }: Error) => {
        assert.match(
          message,
          /^the object storage \(BIRDSONG_STORAGE\) must not hold a key: .*AWS_/,
        );
        assert.doesNotMatch(message, /ps\/?sst|AKIA1/);
        return true;
      });
    });
  }
});
