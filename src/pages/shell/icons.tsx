/** Line icons on a 24-unit square, drawn in the colour of the text beside them. */

export const SearchIcon = () => (
  <svg class="icon" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
    <circle cx="10.5" cy="10.5" r="6.5" />
    <path d="m15.5 15.5 5 5" />
  </svg>
);

export const CartIcon = () => (
  <svg class="icon" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
    <path d="M5 8.5h14l-1.2 11.5H6.2z" />
    <path d="M8.5 11V7a3.5 3.5 0 0 1 7 0v4" />
  </svg>
);

export const ArrowIcon = () => (
  <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
    <path d="M4 12h15m-6-6 6 6-6 6" />
  </svg>
);

/** A tern above a line of water. */
export const Mark = () => (
  <svg class="brand__mark" viewBox="0 0 48 48" width="40" height="40" aria-hidden="true">
    <path
      class="brand__bird"
      d="M2 15c8-2 14 0 19 6 2-8 8-13 18-16-5 5-8 10-9 16l9 3-10 2c-2 4-6 6-11 6l5-4c-3-1-5-3-6-5-4-5-9-7-15-8z"
    />
    <path class="brand__water" d="M4 39c5-3 9-3 13 0s9 3 13 0 9-3 14 0" />
  </svg>
);
