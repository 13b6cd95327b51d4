/** The sign of Kith: a stem and two leaves that make a k. The same drawing as public/icons/kith.svg. */
export function MarkOfKith(props: { readonly size: number }) {
  return (
    <svg class="mark-of-kith" width={props.size} height={props.size} viewBox="0 0 64 64" aria-hidden="true">
      <rect class="mark-of-kith-ground" width="64" height="64" rx="17" />
      <path class="mark-of-kith-stem" d="M22 13v38" />
      <path class="mark-of-kith-leaf" d="M26 32c0-10.5 7.5-18 20-18 0 11.5-8 18-20 18Z" />
      <path class="mark-of-kith-leaf-low" d="M26 34c12 0 20 6.500 20 17-12.500 0-20-6.500-20-17Z" />
    </svg>
  );
}
