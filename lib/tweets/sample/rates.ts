/**
 * How often each thing happens in generated tweets, as shares (0 to 1). Unless a comment says
 * otherwise, of all tweets (what does not fit into 140 characters is left out again).
 */
export const rates = {
  /** The sentiments that the tweets are labelled with. */
  sentiments: { negative: 0.42, neutral: 0.16, positive: 0.42 },
  /** Labels written as `0`, `2` and `4`, as some copies of the course's data have them. */
  numberLabel: 0.03,
  /** Texts made for another sentiment than their label: labels of real tweets are noisy, too. */
  mislabelled: 0.08,
  /** Of the sentences of a negative or positive tweet: neutral ones. */
  neutralSentence: 0.2,
  /** Of the sentences of any tweet: ones that contradict its sentiment. */
  contrarySentence: 0.07,

  /** Tweets that mention someone. */
  mention: 0.47,
  /** Of the tweets with a mention: two to four of them. */
  severalMentions: 0.07,
  /** Of the tweets with a mention: a chain such as `(@ann@bob)`. */
  mentionChain: 0.015,
  /** Of the tweets with a mention: the same one again, in capitals. */
  repeatedMention: 0.015,
  /** Of the mentions: written in another case than usual. */
  otherCase: 0.04,
  /** Of the mentions: followed by a full stop and a word, as in `@ann.b`. */
  dottedMention: 0.008,
  /** E-mail addresses, which mention no one. */
  email: 0.006,
  /** Nothing but mentions. */
  onlyMentions: 0.002,

  emoticon: 0.07,
  emoji: 0.05,
  link: 0.045,
  hashtag: 0.04,
  /** Of the sentences: an HTML entity, which Twitter stored for `&`, `<`, `>` and quotes. */
  entity: 0.035,
  /** Of the sentences: a word drawn out, as in `soooo`, if there is one that people draw out. */
  elongation: 0.2,
  /** Of the sentences: all in lower case. */
  lowerCase: 0.35,
  newline: 0.01,
  /** Of the sentences: in quotation marks. */
  quotation: 0.015,
  backslash: 0.004,
  /** Text that would do harm wherever it is pasted into HTML, SQL or a terminal unescaped. */
  hostile: 0.006,

  /** Zones of the dates; PDT is what the real data has. */
  zones: {
    PDT: 0.7,
    PST: 0.03,
    MDT: 0.02,
    MST: 0.01,
    CDT: 0.03,
    CST: 0.03,
    EDT: 0.05,
    EST: 0.03,
    GMT: 0.02,
    UTC: 0.02,
    BST: 0.02,
    CET: 0.01,
    CEST: 0.02,
    JST: 0.01,
  },
  /** Dates in a zone that no table knows. */
  unknownZone: 0.004,
  /** Dates that are none. */
  brokenDate: 0.004,
} as const;
