/**
 * Work under way, the results of which are taken in the order in which it was begun. So much is under way or waits to be
 * taken that no processor is idle, and no more.
 */
export class InOrder {
  #most;
  #failed;
  #begun = [];
  #size = 0;
  #ended = false;
  #failure;
  #wake = () => {};

  /**
   * @param most How many bytes may be under way, if that is more than one piece of work.
   * @param failed Called with the first error, as soon as it happens.
   */
  constructor(most, failed = () => {}) {
    this.#most = most;
    this.#failed = failed;
  }

  /** Begins work on so many bytes, as soon as there is room for it. */
  async begin(size, work) {
    while (this.#begun.length > 0 && this.#size + size > this.#most && !this.#failure) {
      await this.#change();
    }
    this.#check();
    // Async, so that what is thrown at once is seen in its turn, too.
    const result = (async () => work())();
    result.catch((error) => this.fail(error));
    this.#begun.push({ size, result });
    this.#size += size;
    this.#wake();
  }

  /** Nothing more will come. Resolves when all is done, taken or not; rejects with what failed. */
  async end() {
    await Promise.all(this.#begun.map(({ result }) => result));
    this.#check();
    this.#ended = true;
    this.#wake();
  }

  /** Begins nothing more. What was begun before can still be taken, then comes the error. */
  fail(error) {
    if (!this.#failure) {
      this.#failure = { error };
      this.#failed(error);
      this.#wake();
    }
  }

  /** Resolves when nothing is under way any more, well or not. */
  async settled() {
    await Promise.allSettled(this.#begun.map(({ result }) => result));
  }

  /** The next result, or `undefined` at the end. */
  async take() {
    while (this.#begun.length === 0) {
      this.#check();
      if (this.#ended) {
        return undefined;
      }
      await this.#change();
    }
    const [{ size, result }] = this.#begun;
    try {
      return await result;
    } finally {
      this.#begun.shift();
      this.#size -= size;
      this.#wake();
    }
  }

  #check() {
    if (this.#failure) {
      throw this.#failure.error;
    }
  }

  /** Waits until anything is otherwise. Who begins and who takes may both wait, and each looks again. */
  #change() {
    return new Promise((resolve) => {
      const others = this.#wake;
      this.#wake = () => {
        this.#wake = () => {};
        others();
        resolve();
      };
    });
  }
}
