/** The collection that says what the front page shows. It is no place where a visitor is. */
export const frontPath = 'front';
