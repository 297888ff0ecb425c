/** Texts, numbers and dates in the reader's language. */

/** English here is the British one, which puts the day before the month. */
const LOCALES = /** @type {Record<string, string>} */ ({ en: "en-GB" });

export class Words {
  /**
   * @param {Record<string, string>} texts
   * @param {string} language
   */
  constructor(texts, language) {
    const locale = LOCALES[language] ?? language;
    this.texts = texts;
    this.long = new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "long",
      year: "numeric",
      timeZone: "UTC",
    });
    this.months = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" });
    this.years = new Intl.DateTimeFormat(locale, { year: "numeric", timeZone: "UTC" });
    this.percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
    this.rough = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
    this.numbers = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  }

  /**
   * A text with its holes filled.
   *
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   * @returns {string}
   */
  say(name, values = {}) {
    const text = this.texts[name];
    if (text === undefined) throw new Error(`no text named ${name}`);
    return text.replace(/\{(\w+)\}/g, (_, hole) => String(values[hole]));
  }

  /** @param {string} date ISO @returns {string} */
  date(date) {
    return this.long.format(new Date(`${date}T00:00Z`));
  }

  /**
   * The month of a date; the year with January.
   *
   * @param {string} date ISO
   * @returns {string}
   */
  month(date) {
    const day = new Date(`${date}T00:00Z`);
    const name = this.months.format(day);
    return day.getUTCMonth() ? name : `${name} ${this.years.format(day)}`;
  }

  /**
   * A share of one in percent; a little is not nothing.
   *
   * @param {number} share
   * @returns {string}
   */
  percent(share) {
    if (share > 0 && share < 0.005) return this.say("less_than", { share: this.percents.format(0.01) });
    return this.percents.format(share);
  }

  /** @param {number} metres @returns {string} */
  distance(metres) {
    return metres >= 1000
      ? this.say("km", { n: this.numbers.format(metres / 1000) })
      : this.say("m", { n: this.numbers.format(metres) });
  }
}
