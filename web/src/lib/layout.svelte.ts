// Phone or desktop, decided once for the few places where the structure itself differs.
const query = typeof matchMedia === 'undefined' ? null : matchMedia('(min-width: 900px)');

class Layout {
  wide = $state(query?.matches ?? false);

  constructor() {
    query?.addEventListener('change', (event) => (this.wide = event.matches));
  }
}

export const layout = new Layout();
