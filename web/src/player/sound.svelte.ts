// Whether clips are heard. Browsers let pages start only in silence until someone touches them.
import { readStored, writeStored } from '../lib/storage';

const key = 'vitrine.sound';

class Sound {
  /** What the viewer asked for last. */
  wanted = $state(readStored(key) === 'on');
  /** The browser refused sound without a touch. */
  blocked = $state(false);
  readonly muted = $derived(!this.wanted || this.blocked);

  toggle(): void {
    if (this.wanted && this.blocked) {
      this.blocked = false;
      return;
    }
    this.wanted = !this.wanted;
    this.blocked = false;
    writeStored(key, this.wanted ? 'on' : null);
  }
}

export const sound = new Sound();
