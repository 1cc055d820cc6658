// Phone or desktop, decided once for the few places where the structure itself differs.
const query = typeof matchMedia === 'undefined' ? null : matchMedia('(min-width: 900px)');

class Layout {
  wide = $state(query?.matches ?? false);
  /** What stands in the place of a clip is of the theme's colours, and so is what is around it. */
  pale = $state(false);

  constructor() {
    query?.addEventListener('change', (event) => (this.wide = event.matches));
  }
}

export const layout = new Layout();
