import { settingDefinitions, type Settings } from "../settings.ts";

/** A setting as a row to show. */
export interface DescribedSetting {
  setting: string;
  value: Settings[keyof Settings];
  /** The environment variable that wins over the notebook's cell. */
  environment: string;
  meaning: string;
}

/** Every setting with its value, its environment variable and its meaning. */
export function describeSettings(settings: Settings): DescribedSetting[] {
  return Object.entries(settingDefinitions).map(([name, { environment, meaning }]) => ({
    setting: name,
    value: settings[name as keyof Settings],
    environment,
    meaning,
  }));
}
