/** Words and phrases that the sentences of generated tweets are made of; `{name}` is another list. */
export const words: Record<string, string[]> = {
  when: list(`
    today, tonight, this morning, this afternoon, again, right now, all day, this evening,
    all week, after {activity}, before {activity}, this {day}
  `),
  past: list(`
    yesterday, last night, this morning, on {day}, last {day}, at {hour}, earlier,
    after {activity}, this weekend, today, {number} days ago, last week
  `),
  soon: list(`
    tomorrow, tonight, next {day}, on {day}, at {hour}, this weekend, next week,
    after {activity}, in {number} days, tomorrow at {hour}, later
  `),
  day: list(`monday, tuesday, wednesday, thursday, friday, saturday, sunday`),
  hour: list(`6am, 7:30, 8, 9am, noon, 2pm, 4 o'clock, half past five, 10pm, 3am`),
  number: list(`2, 3, 4, five, 6, ten, 12, 15, 20, 40, 50, 100`),
  activity: list(`work, class, lunch, dinner, the gym, school, breakfast, church, practice`),
  who: list(`
    my mom, my dad, my brother, my sister, my roommate, the kids, my boss, grandma,
    my best friend, the neighbours, my cousin, the whole team, my teacher, the dog,
    my girlfriend, my husband, some guy on the bus, everyone, the cat, my aunt
  `),
  subject: list(`
    maths, chemistry, french, history, statistics, biology, economics, physics, geography,
    spanish, psychology, accounting, latin, english lit, anatomy
  `),
  studyThing: list(`
    exam, essay, homework, lecture, presentation, lab report, thesis, revision, coursework,
    quiz, final, project, assignment, reading
  `),
  device: list(`
    phone, laptop, camera, mp3 player, printer, tv, keyboard, charger, headphones, game console,
    washing machine, internet, alarm clock, new screen, bike, car, computer, coffee machine,
    microwave, router
  `),
  food: list(`
    pizza, pancakes, sushi, mac and cheese, chicken soup, strawberries, ice cream, tacos, curry,
    chocolate cake, burritos, noodles, waffles, bagels, fish and chips, popcorn, lasagna, fries,
    roast potatoes, lemon pie, salad, cereal, dumplings, banana bread, leftovers, toast,
    scrambled eggs, cookies, sandwiches, watermelon
  `),
  drink: list(`coffee, tea, hot chocolate, orange juice, iced tea, lemonade, apple juice, cocoa`),
  place: list(`
    the beach, the lake, the mall, grandma's house, the park, the museum, the city,
    the mountains, the cinema, town, the zoo, the old harbour, the stadium, campus, the cabin,
    the river, the island, the castle, the market, the pool
  `),
  dull: list(`
    the airport, the station, the hospital, the dentist, the office, the library, the bus stop,
    the post office, the garage, the border, work
  `),
  sport: list(`
    soccer, basketball, tennis, hockey, baseball, volleyball, rugby, swimming, running, cricket,
    golf, badminton, handball, skating
  `),
  music: list(`
    album, single, playlist, guitar solo, remix, video, cover song, song, soundtrack,
    drum intro, record, chorus, bass line
  `),
  event: list(`concert, tour, gig, acoustic set, festival, musical, parade, premiere`),
  show: list(`
    movie, episode, season finale, trailer, documentary, book, last chapter, series, comic,
    game, podcast, musical, quiz show
  `),
  transport: list(`train, bus, flight, ferry, tram, taxi, night bus, connection`),
  chore: list(`
    laundry, the dishes, cleaning my room, packing, ironing, taxes, grocery shopping,
    mowing the lawn, unpacking, vacuuming, paperwork, walking the dog, the garden
  `),
  body: list(`head, throat, back, tooth, knee, stomach, ear, shoulder, ankle, wrist`),

  good: list(`{nice}, {nice}, {nice}, so good, really {nice}, the best, so {nice}, pretty good`),
  nice: list(`
    great, awesome, amazing, lovely, fantastic, wonderful, perfect, brilliant, sweet, nice,
    beautiful, super cool, excellent, adorable, fun, good
  `),
  bad: list(`
    awful, terrible, horrible, so bad, annoying, disappointing, boring, the worst, a mess,
    so sad, really bad, rubbish, depressing, a nightmare, ridiculous, lame, painful, a joke,
    miserable, gross
  `),
  happy: list(`happy, excited, proud, relaxed, grateful, thrilled, delighted, glad, pleased`),
  unhappy: list(`
    sad, tired, sick, annoyed, bored, upset, angry, lonely, exhausted, stressed, homesick,
    heartbroken, gutted, worried, grumpy, fed up
  `),
  so: list(`so, really, very, just, totally, pretty, kinda, too`),
  yay: list(`yay, woohoo, haha, omg, wow, aww, yes, hooray, lol, mm, hehe`),
  ugh: list(`ugh, argh, boo, omg, no, grr, damn, sigh, oh no, meh, blah, bleh`),
  well: list(`hmm, ok, well, btw, anyway, so, oh, fyi, right, hey, um, also`),
};

/** The phrases of a text, which commas separate. */
function list(text: string): string[] {
  return text.trim().split(/,\s+/);
}
