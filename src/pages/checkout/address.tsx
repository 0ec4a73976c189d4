import type { Address, Contact } from '../../services/quote/api.ts';
import { languageTags } from '../locale.ts';
import type { Shell } from '../shell/shell.ts';

/** An address as it is written on a parcel: from the name down, or in Chinese from the country down. */
export function AddressLines(props: { shell: Shell; address: Address; contact: Contact | undefined }) {
  const { shell, address, contact } = props;
  const country = new Intl.DisplayNames(languageTags[shell.locale], { type: 'region' }).of(address.countryCode);
  const { name, company, line1, line2, city, region, postalCode } = address;
  const place = [postalCode, city].filter(Boolean).join(' ');
  const western = [name, company, line1, line2, place, region, country];
  const lines = shell.locale === 'zh' ? [country, region, place, line1, line2, company, name] : western;
  return (
    <address class="address">
      {lines.map((line, index) => line && <span key={index}>{line}</span>)}
      {contact && <span class="soft">{contact.email}</span>}
      {contact?.phone && <span class="soft">{contact.phone}</span>}
    </address>
  );
}
