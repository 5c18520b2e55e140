// Names that `cargo xtask dist` replaces, and properties that host pages and browsers may have.

/** The source of `core.js`, as a function of the address of the site. */
declare const __CORE__: (site: string) => Pledge.Create;
/** Hash of the code, hash of the strings, the languages, and the site if it is known. */
declare const __ASSETS__: string[];
/** The families of backends and the names that a campaign may map. */
declare const __FAMILIES__: [families: Record<string, string>, names: string];
/** The name of the field with the consent to emails. */
declare const __AGREEMENT__: string;

/** What pages use of the element. `cargo xtask dist` makes the complete types that are published: `pledge.d.mts`. */
interface PledgeWidget extends HTMLElement {
  /** The configuration that the widget uses. Undefined until it has loaded. */
  readonly config: PledgeConfig | undefined;
  /** With the backend `custom`, receives each signature and returns its outcome. */
  submitSignature?: (signature: Record<string, unknown>) => Promise<{ outcome: string }>;
  open(): void;
  reset(): void;
  prefill(values: Record<string, string>): void;
}

/** The configuration, with the members of the campaign file. */
interface PledgeConfig {
  [member: string]: unknown;
  locale: string;
  /** The languages of the campaign. */
  locales?: string[];
  lanes?: { name: string }[];
}

interface HTMLElementTagNameMap {
  'pledge-widget': PledgeWidget;
}

interface HTMLElementEventMap {
  'pledge-ready': CustomEvent<Record<string, never>>;
  'pledge-error': CustomEvent<{ code: string; part?: string; reason?: string }>;
}

/** The module of the widget, beside the site's own pages. `cargo xtask dist` makes it. */
declare module '*/pledge.mjs' {
  /** Defines <pledge-widget> and returns a function that creates one. */
  export const define: (site?: string) => () => PledgeWidget;
}

/** The data of the Studio and the Embed doctor. Rust code makes most of it: `src/site/studio.rs` and `src/doctor`. */
declare namespace Studio {
  /** The elements of the pages by id. Those listed have a type of their own. */
  interface PageElements {
    [id: string]: HTMLElement;
    address: HTMLInputElement;
    'campaign-file': HTMLTextAreaElement;
    'file-import': HTMLInputElement;
    'file-source': HTMLDetailsElement;
    keep: HTMLInputElement;
    lists: HTMLFieldSetElement;
    'own-copy-from': HTMLSelectElement;
    'own-fields': HTMLFieldSetElement;
    'own-import': HTMLInputElement;
    'page-link': HTMLInputElement;
    'place-line': HTMLInputElement;
    policy: HTMLTextAreaElement;
    preview: HTMLIFrameElement;
    'preview-language': HTMLSelectElement;
    'preview-theme': HTMLSelectElement;
    'preview-width': HTMLSelectElement;
    'publish-message': HTMLTextAreaElement;
    snippet: HTMLTextAreaElement;
    where: HTMLSelectElement;
  }

  type Content = string | Node;

  /** Pairs of name and value. */
  type Attributes = [name: string, value: string][];

  interface Finding {
    severity: 'error' | 'warning' | 'good';
    finding: string;
    remedy?: string;
    /** The attribute of the form that it is about. */
    attribute?: string;
    /** Its place in the campaign file, as a JSON pointer. */
    pointer?: string;
    line?: number;
    /** The line to add to the page. */
    code?: string;
  }

  /** A campaign file that was read. */
  interface Reading {
    /** Whether it is valid. If not, only the findings count. */
    usable: boolean;
    id?: string;
    locale?: string;
    text?: string;
    /** Whether old names in it were updated. */
    changed?: boolean;
    findings: Finding[];
  }

  /** A valid campaign file. */
  interface CampaignFile {
    id: string;
    locale: string;
    text: string;
    /** The text as it was typed. */
    raw: string;
  }

  /** The content of the text box, and the last valid version of it. */
  interface Snapshot {
    text: string;
    good: CampaignFile | null;
  }

  /** The work that the browser keeps. */
  interface Work {
    values: Record<string, string>;
    /** The system that the snippet is for. */
    where: string;
    file: Snapshot | null;
    /** Whether it is a campaign of the user's own. */
    isOwn: boolean;
    /** The file of the other kind of campaign. */
    other: Snapshot | null;
  }

  /** A row of the attribute table. */
  interface Attribute {
    name: string;
    /** The member of the campaign file that sets it too, or ''. */
    member: string;
    group: string;
    label: string;
    kind: string;
    choices: string[];
    /** Readable names of choices. */
    names: Record<string, string>;
    max_chars: number | null;
    unit: string | null;
    default: string;
    doc: string;
    allowed: string;
  }

  interface Language {
    tag: string;
    name: string;
    english: string;
    dir: string;
    reviewed: string;
  }

  interface Backend {
    name: string;
    setup: string;
    no: string;
    sees: string;
    needs_endpoint: boolean;
    endpoint: string;
    options: { name: string; needed: boolean; help: string }[];
    example: string;
    experimental: boolean;
    subscribes: boolean;
    emails: string;
    readable: boolean;
  }

  interface Table {
    groups: { id: string; title: string }[];
    attributes: Attribute[];
    languages: Language[];
    backends: Backend[];
    /** The paths of the doctor's files. */
    doctor: string[];
  }

  /** The doctor. Its functions return null if it is not available. */
  interface Doctor {
    /** Why it is not available, or ''. */
    failed: string;
    check(attributes: Attributes, file: string): Finding[] | null;
    readCampaign(text: string): Reading | null;
    exportCampaign(file: string, attributes: Attributes): { name: string; text: string } | null;
    diagnose(facts: object): Finding[] | null;
    isReady(): boolean;
  }

  /** The control of an attribute. */
  interface Control {
    nodes: HTMLElement[];
    /** The element that receives the focus. */
    focus: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
    get(): string;
    set(value: string): void;
    /** Shows the campaign file's text while the control is empty. */
    placeholder(text: string): void;
    /** Adapts the height to the text. */
    grow?(): void;
    /** The checkboxes of a list. */
    boxes?: HTMLInputElement[];
  }

  /** A field of the form. */
  interface Field {
    attribute: Attribute;
    box: HTMLElement;
    isSet(): boolean;
    get(): string;
    set(value: string): void;
    focus(): void;
    grow(): void;
    show(findings: Finding[]): void;
    config(config: PledgeConfig): void;
    /** Shows what the chosen backend requires. */
    explain?(): void;
  }

  /** A correction of a common mistake: what to say, and the text that would be right. */
  interface Fix {
    say: string;
    use: string;
  }

  /** A kind of text with mistakes that can be corrected. */
  type FixKind =
    'campaign' | 'source' | 'whole' | 'colour' | 'address' | 'address-or-path' | 'date' | 'partial-date';

  /** An item of a list in the campaign file: a text, or an object with the fields of the list. */
  type ListItem = string | Record<string, any>;

  /** A field of an item. */
  interface ListField {
    /** Where it is in the item. Empty if the item itself is a text. */
    path: string[];
    label: string;
    kind: 'line' | 'text' | 'paragraphs' | 'sector' | 'language' | FixKind;
    isOptional?: boolean;
    /** Whether it is left out of the file if it is empty, although people should fill it in. */
    isLeftOut?: boolean;
    /** Whether it is folded, because few need it. */
    isMore?: boolean;
    help?: string;
  }

  /** A list of the campaign file that has a form. */
  interface ListSpec {
    member: string;
    title: string;
    /** What one item is called, and several. */
    one: string;
    many: string;
    help: string;
    fields: ListField[];
  }

  /** The control of a field of an item. */
  interface ListControl {
    spec: ListField;
    input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
    box: HTMLElement;
    /** Adapts the height to the text. */
    grow(): void;
    set(value: string): void;
    /** Sets the label. */
    name(text: string): void;
    /** Offers the subjects of facts that are known now. */
    offer(): void;
    show(findings: Finding[]): void;
  }

  /** The form of an item. */
  interface ListForm {
    /** Its position in the list. */
    at: number;
    box: HTMLElement;
    /** Empty if the item is not of the usual kind. */
    fields: ListControl[];
    /** The buttons to move it up and down and to remove it, with their words. */
    buttons: Map<HTMLButtonElement, string>;
    /** Whether the focus has not left it since it was added. */
    isNew: boolean;
    /** Shows its number and title. */
    label(): void;
    show(findings: Finding[]): void;
  }

  /** The form that a finding about the campaign file is about. */
  interface ListPlace {
    name: string;
    isNew: boolean;
    /** Opens the form and moves the focus to the field. */
    go(): void;
  }

  /** An embed in a piece of markup. */
  interface Embed {
    kind: 'script' | 'element';
    attributes: Attributes;
    place: string;
    /** How many elements the attribute `target` selects, -1 if it is invalid, or null if it does not apply. */
    target_matches: number | null;
  }
}

/** The names that `pledge.js` and `pledge.mjs` define around `core.js`. */
declare const make: Pledge.Make;
declare const warn: (text: string) => void;

/** The element as the scripts of `src/embed` see it. */
interface PledgeElement extends PledgeWidget {
  readonly config: Pledge.Config | undefined;
  /** The loader that created it. It may not be the one that defined the element. */
  pledge?: Pledge.Loader;
  /** The tag that placed it. Null once its attributes are copied. */
  pledgeTag?: HTMLScriptElement | null;
  /** Calls that wait until the widget has loaded. */
  pledgeCalls?: [name: string, value?: unknown][];
}

interface CustomElementRegistry {
  /** The class of the element, with the loaders of the page. */
  get(name: 'pledge-widget'): (CustomElementConstructor & { made?: Record<string, Pledge.Create> }) | undefined;
}

interface HTMLScriptElement {
  /** Whether a loader has placed the widget of this tag. */
  pledgePlaced?: boolean;
  /** Whether the console has said that the tag waits for consent. */
  pledgeSaid?: boolean;
  /** The loader that first asked for the original of this tag's site. */
  pledgeAsked?: () => void;
}

interface RegExp {
  /** Converts a number to text first, as `test` does with every value. */
  test(value: number): boolean;
}

/** The data that the scripts of the element and the Wasm modules share. Rust code makes or reads most of it. */
declare namespace Pledge {
  interface Loader {
    load(element: PledgeElement, focused?: boolean): void;
    unload(element: PledgeElement): void;
    wait(element: PledgeElement, call: [name: string, value?: unknown]): void;
  }

  /** Creates an element with properties. */
  interface Make {
    (name: 'pledge-widget', properties?: Partial<PledgeElement>): PledgeElement;
    <Name extends keyof HTMLElementTagNameMap>(
      name: Name, properties?: Partial<HTMLElementTagNameMap[Name]>
    ): HTMLElementTagNameMap[Name];
  }

  /** Creates an element for a tag. `get` reads the tag's attributes. */
  interface Create {
    (get?: (name: string) => string | null, pledgeTag?: HTMLScriptElement): PledgeElement;
    /** The observer of the page, for all tags of a site. */
    sweeps?: MutationObserver;
  }

  /** How far an element has loaded. */
  interface State {
    /** Ends what currently runs: the observer, the wait for a connection, or the widget. */
    now?(): void;
    start?(): void;
    /** Repairs the style sheets after a move to another document. */
    moved?(): void;
    /** Whether loading has failed. */
    over?: boolean;
  }

  /** Why a file or a widget failed. */
  interface Failure {
    message: string;
    /** The part that failed. */
    part?: string;
    /** What the supporter typed before a crash, by name of the field. */
    typed?: Record<string, string>;
  }

  /** The interface texts by key, with the language as `lang` and the one for numbers and dates as `format`. */
  type Strings = Record<string, string>;

  /** A campaign file. Its schema is `campaign.schema.json`; the check of it is in Rust. */
  type Campaign = Record<string, any>;

  /** A campaign file, the headers of its response, and the device's time then. Empty if the file is not JSON. */
  type Answer = [campaign?: Campaign, headers?: Headers, receivedAt?: number];

  /** Fetches the strings of a language. `kind` is empty, `share-` or `send-`. */
  type Words = (language: string, kind: string) => Promise<Strings>;

  /** A Wasm module, as a function from its imports to its exports. */
  type Run = (imports: WebAssembly.Imports) => Promise<object>;

  /** What `core.js` gives to `element.js`. */
  interface Context {
    element: PledgeElement;
    box: HTMLElement;
    site: string;
    answer: Answer;
    strings: Strings;
    show(): boolean;
    failed(error: Failure): void;
    /** Imports a script. Each has exports of its own. */
    script(name: string): Promise<any>;
    code(name: string): Promise<Run>;
    words: Words;
    preferred(): string[];
    files(element: PledgeElement): Promise<[Answer, Strings]>;
  }

  /** What the widget's module exports: `src/widget/main.rs`. */
  interface Widget {
    mount(
      host: PledgeElement, root: HTMLElement, site: string, bridge: Bridge, campaign: Campaign, strings: Strings
    ): void;
    unmount(): void;
    keys(): string[];
    config(): Config | undefined;
    open(): void;
    reset(): void;
    prefill(values: Record<string, string>): void;
    configure(campaign: Campaign, strings: Strings): void;
    online(): void;
    came(attempt: number, outcome: Outcome): void;
    counted(count: Count | undefined): void;
    signed(): void;
  }

  /** What the module `look` exports: names and values of custom properties in turn. */
  interface Look {
    colours(light: string, dark: string): string[];
  }

  /** What the widget gets from the scripts: `src/widget/bridge.rs`. `send.js` sets the members of `Backends`. */
  interface Bridge extends Partial<Backends> {
    name(tag: string): string;
    paint(): void;
    ahead: number;
    exact: number;
    framed: boolean;
    page(): string;
    /** What is added to the address that a signature is sent to. */
    proof: string;
    prove(url: string): void;
    go(url: string): void;
    read(): void;
    explain(): void;
    /** `data` lists the text, the address, the source and the channels. */
    share(page: string, receipt: string): void;
    half?(code: string): string | undefined;
  }

  /** A challenge of the Pledge server, in the format of ALTCHA (version 2). */
  interface Challenge {
    parameters: { cost: number, keyLength: number, keyPrefix: string, nonce: string, salt: string };
    signature: string;
  }

  /** What the bridge says about the backends. */
  interface BackendState {
    strings: Strings;
    ready: boolean;
    safe?: boolean;
    counts?: boolean;
    wrong: boolean;
    elsewhere?: string;
    agreement?: object | null;
  }

  /** What `send.js` returns for the bridge. */
  interface Backends extends BackendState {
    send(attempt: number, signature: object, config: Settings): void;
    also(signature: object, config: Settings): void;
    count(): void;
  }

  /** The settings of backends: members of the campaign file, or attributes. */
  interface Settings {
    id?: string;
    backend?: string;
    endpoint?: string;
    backend_options?: string;
    consent_text?: string;
    source?: string;
    also?: string | string[];
  }

  /** The configuration that applies to a widget, as far as the scripts use it. */
  interface Config extends PledgeConfig, Settings {
    id: string;
    share?: string[];
    accent?: string;
    radius?: number;
    debug?: boolean;
    layout?: string;
    testing?: boolean;
  }

  /** What `element.js` gives to `send.js`. */
  interface SendContext {
    element: PledgeElement;
    campaign: Campaign;
    strings: Strings;
    words: Words;
    widget: Widget;
    config(): Partial<Config>;
    /** Loads a module by the name of its part. */
    part(name: string): Promise<Family>;
  }

  /** A public count of signatures and its time. */
  interface Count {
    signature_count: number;
    as_of: string;
  }

  /** What became of a signature. It is empty if there was nothing to send. */
  interface Outcome {
    outcome?: string;
    reason?: string;
  }

  /** What the module of a family of backends exports: `src/parts/send/exports.rs`. */
  interface Family {
    facts(config: Settings, line: string): Facts | undefined;
    /** Returns `undefined` if the settings are invalid, and `false` if the supporter has not agreed to a newsletter. */
    request(config: Settings, line: string, signature: object): BackendRequest | false | undefined;
    outcome(
      config: Settings, line: string, signature: object, answer: BackendAnswer, first: boolean
    ): Outcome & { next?: BackendRequest; wait_ms?: number };
    /** Only modules whose facts have a `count_url` export it. */
    count?(config: Settings, answer: unknown): number | undefined;
  }

  /** What is known about a backend with valid settings. */
  interface Facts {
    kind: string;
    title: string;
    host: string;
    count_url?: string;
    elsewhere?: string;
    third_party: boolean;
    safe: boolean;
    subscribes: boolean;
    /** Whether the campaign's own wording can label the checkbox for e-mails. */
    asks: boolean;
    /** The names on our side of the mapping. */
    ours: string[];
  }

  interface BackendRequest {
    kind: string;
    url: string;
    type: string;
    headers: Record<string, string>;
    body: string;
    opaque: boolean;
    referrer: boolean;
  }

  /** A response as the modules read it. Empty if the page may not read it. */
  interface BackendAnswer {
    status?: number;
    redirected?: boolean;
    retry_after?: number;
    type?: string;
    text?: string;
    json?: unknown;
    /** Whether the text is JSON. */
    parsed?: boolean;
  }

  /** Whether the page's policy has blocked a request. */
  interface Observation {
    online: boolean;
    blocked: boolean;
    stop?(): void;
  }
}
