/** What happened to the interfaces that VRRP makes. */
export type LinkEvent =
  | {
      readonly type: "link_made" | "link_adopted";
      readonly holder: string;
      readonly link: string;
      readonly base: string;
    }
  | { readonly type: "link_removed"; readonly link: string }
  | { readonly type: "base_missing"; readonly holder: string; readonly link: string; readonly base: string }
  | { readonly type: "name_taken"; readonly holder: string; readonly link: string }
  | { readonly type: "link_refused"; readonly link: string; readonly message: string }
  | { readonly type: "sysctl_refused"; readonly path: string; readonly value: string; readonly message: string }
  | { readonly type: "link_record_failed"; readonly file: string; readonly message: string };

/** One line for the log. */
export function describeLinkEvent(event: LinkEvent): string {
  switch (event.type) {
    case "link_made":
      return `vrrp ${event.holder}: made ${event.link} on ${event.base}`;
    case "link_adopted":
      return `vrrp ${event.holder}: ${event.link} on ${event.base} was there already, and is adopted`;
    case "link_removed":
      return `${event.link} was left over and is removed`;
    case "base_missing":
      return `vrrp ${event.holder}: ${event.link} waits for the interface ${event.base}, which does not exist`;
    case "name_taken":
      return `vrrp ${event.holder}: somebody else has an interface called ${event.link}: remove it, or give the instance another name for its interface`;
    case "link_refused":
      return `the interface ${event.link} is refused: ${event.message}`;
    case "sysctl_refused":
      return `net/${event.path} cannot be set to ${event.value}: ${event.message}`;
    case "link_record_failed":
      return `the record ${event.file} failed: ${event.message}`;
  }
}
