// Who is here: everybody with a socket, or with one a moment ago.

/** How long somebody whose last socket has gone still counts as here, so that a refresh is no flicker. */
const GRACE = 7_000;

export class Presence {
  #people = new Map();
  #announce;

  /** `announce(account, online)` is called when somebody comes or has gone. */
  constructor(announce) {
    this.#announce = announce;
  }

  /** A socket has come; it gets the person that all sockets of the account share. */
  arrived(account) {
    let person = this.#people.get(account.id);
    if (person === undefined) {
      // `positions`: where they stand in each conversation in which something has happened meanwhile.
      person = { ...account, sockets: 0, leaving: undefined, positions: new Map() };
      this.#people.set(account.id, person);
      this.#announce(account, true);
    }
    clearTimeout(person.leaving);
    person.sockets += 1;
    return person;
  }

  left(person) {
    person.sockets -= 1;
    if (person.sockets > 0) return;
    person.leaving = setTimeout(() => {
      this.#people.delete(person.id);
      this.#announce(person, false);
    }, GRACE);
  }
}
