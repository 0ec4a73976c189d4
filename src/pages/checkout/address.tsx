import type { Address, Contact } from '../../services/quote/api.ts';
import { languageTags } from '../locale.ts';
import type { Shell } from '../shell/shell.ts';

/** An address as it is written on a parcel. */
export function AddressLines(props: { shell: Shell; address: Address; contact: Contact | undefined }) {
  const { shell, address, contact } = props;
  const country = new Intl.DisplayNames(languageTags[shell.locale], { type: 'region' }).of(address.countryCode);
  const place = [address.postalCode, address.city].filter(Boolean).join(' ');
  const lines = [address.name, address.company, address.line1, address.line2, place, address.region, country];
  return (
    <address class="address">
      {lines.map((line, index) => line && <span key={index}>{line}</span>)}
      {contact && <span class="soft">{contact.email}</span>}
      {contact?.phone && <span class="soft">{contact.phone}</span>}
    </address>
  );
}
