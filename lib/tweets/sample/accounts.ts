import { Random, WeightedIndex } from "./random.ts";

/** The three sentiments of a tweet. */
export type SampleSentiment = "negative" | "neutral" | "positive";

// Invented, the most popular ones first: what people think of them is what the charts find.
const known: Record<"loved" | "hated" | "disputed", string[]> = {
  loved: list(`
    TheMarblefoxes TansyOkelbrook HollowmereFC WuvvyCoffee JunoFenwhistle NeonTurnips
    MoxxiePizza mirabel_quoss OrbelloBikes GlasslarkBand pipthornaby BumbleCrumbs FizzkinSoda
    sable_ainsmoor KestrelNook TinyOtterShow doctor_plume Wrenlight_Film OldMillBakery7
    PuddleCats
  `),
  hated: list(`
    Zumbrellair TroptelMobile DrabbleRail KlemmaBank PlinkoraTV Quandlephone ParcelGrumpus
    Snorvik_Airways GasketEnergy VexmoorCouncil LagwireNet BrunkFitness CloggsDelivery
    Taxbury_Office MurkwaterCo TollgateApp SquintPrinters GrimsbelParking HoldlineHelp
    RustbeltBus
  `),
  disputed: list(`
    GrindleGames DorianVellumby BurrowtonFC OttoBrandlewick PodwickRadio LumenOS_ CampusNorthby
    QuibbleNews WeatherWombat VelqoMotors thessaly_crane MadameBisquit ChartsTonight
    NorthbyLibrary HexaBrowser SprocketStore TheDailyKelp RinkRaccoons FernhillUni CinemaVortica
  `),
};

const syllables = list(`
  ba bel cor dan el fi gra hol ira jo kel lu mar nim ol pa quin ro sa tem ul vi wen xan yo zel
`);
const endings = ["", "", "a", "ie", "o", "ster", "fan", "_", "_x", "xo", "rocks", "girl", "guy"];

/** The invented name (4 to 15 letters, digits and underscores) of an account that few know. */
function accountName(number: number): string {
  // Numbers next to each other must not give names that look alike.
  const random = new Random(Math.imul(number + 1, 0x9e3779b1));
  const parts = Array.from({ length: 2 + random.below(2) }, () => random.pick(syllables));
  const word = parts.join("") + random.pick(endings);
  const name = random.chance(0.3) ? word[0].toUpperCase() + word.slice(1) : word;
  const digits = random.chance(0.6) ? String(random.below(1000)) : "";
  return (name + digits).slice(0, 15).padEnd(4, "x");
}

const littleKnown = 4000;

// Popularity falls with the rank, as in Zipf's law, though less steeply for the first ones.
const popularity = (rank: number, flatness: number) => 1 / (rank + flatness);

// How much more (or less) often than its popularity says an account is mentioned in tweets of
// one sentiment.
const leaning: Record<"loved" | "hated" | "disputed" | "unknown", Record<SampleSentiment, number>> =
  {
    loved: { negative: 0.35, neutral: 0.8, positive: 1.7 },
    hated: { negative: 1.8, neutral: 0.7, positive: 0.25 },
    disputed: { negative: 1, neutral: 1.2, positive: 1 },
    unknown: { negative: 0.9, neutral: 1, positive: 1.1 },
  };

interface Account {
  name: string;
  reputation: keyof typeof leaning;
}

const accounts: Account[] = [
  ...known.loved.flatMap((_, i): Account[] => [
    { name: known.loved[i], reputation: "loved" },
    { name: known.hated[i], reputation: "hated" },
    { name: known.disputed[i], reputation: "disputed" },
  ]),
  ...Array.from(
    { length: littleKnown },
    (_, i): Account => ({ name: accountName(i), reputation: "unknown" }),
  ),
];

const drawsOf = (sentiment: SampleSentiment) =>
  new WeightedIndex(
    accounts.map(({ reputation }, rank) => popularity(rank, 8) * leaning[reputation][sentiment]),
  );
const draws: Record<SampleSentiment, WeightedIndex> = {
  negative: drawsOf("negative"),
  neutral: drawsOf("neutral"),
  positive: drawsOf("positive"),
};

/** The name, without `@`, of an account that a tweet of this sentiment mentions. */
export function randomMention(random: Random, sentiment: SampleSentiment): string {
  return accounts[draws[sentiment].draw(random)].name;
}

const authorCount = 6000;
const authorDraw = new WeightedIndex(
  Array.from({ length: authorCount }, (_, rank) => popularity(rank, 30)),
);

/** The name of an author: some tweet a lot, most hardly ever. */
export function randomAuthor(random: Random): string {
  return accountName(littleKnown + authorDraw.draw(random));
}

/** The names of a text, which white space separates. */
function list(text: string): string[] {
  return text.trim().split(/\s+/);
}
