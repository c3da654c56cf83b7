//! Lists of words for what is made up. None is anybody's: first names apart, all are invented.

/// Lists as dense as prose, which a formatter leaves alone.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $($word:literal)+;)+) => {
        $($(#[$doc])* pub(super) const $name: &[&str] = &[$($word),+];)+
    };
}

words! {
    /// Women's first names.
    WOMEN:
        "Amelia" "Aoife" "Ayesha" "Beatrix" "Bethan" "Carys" "Chidinma" "Clementine" "Cordelia" "Delphine" "Eilidh"
        "Elspeth" "Fatima" "Freya" "Georgina" "Gwendolyn" "Harriet" "Hermione" "Imogen" "Ines" "Jasmin" "Kirsty"
        "Lakshmi" "Lowri" "Mabel" "Maisie" "Mei-Ling" "Morag" "Nadia" "Niamh" "Ottilie" "Persephone" "Philippa"
        "Pritpal" "Rhiannon" "Rosalind" "Rowena" "Sabitha" "Saoirse" "Siân" "Tabitha" "Temperance" "Unity" "Verity"
        "Wilhelmina" "Winifred" "Zainab" "Zofia";

    /// Men's first names.
    MEN:
        "Abdul" "Alasdair" "Algernon" "Ambrose" "Arjun" "Barnaby" "Benedict" "Callum" "Caradoc" "Cedric" "Chukwuemeka"
        "Cosmo" "Dafydd" "Desmond" "Dougal" "Edmund" "Emrys" "Euan" "Ferdinand" "Fergus" "Giles" "Gwilym" "Hamish"
        "Horatio" "Idris" "Ivor" "Jasper" "Kwame" "Lachlan" "Leopold" "Łukasz" "Magnus" "Monty" "Nathaniel" "Nigel"
        "Octavius" "Padraig" "Percival" "Quentin" "Rhodri" "Rupert" "Seamus" "Stanley" "Tavish" "Tarquin" "Wei" "Yusuf"
        "Zachariah";

    /// How a surname begins.
    SURNAME_STARTS:
        "Ash" "Bracken" "Bramble" "Brindle" "Butter" "Candle" "Clover" "Copper" "Crumple" "Dapple" "Dimble" "Feather"
        "Fiddle" "Gander" "Gorse" "Hather" "Hazel" "Honey" "Inkle" "Juniper" "Kettle" "Larks" "Linnet" "Marrow" "Merry"
        "Mizzle" "Nettle" "Otter" "Pebble" "Pickle" "Plover" "Quill" "Rumble" "Saddle" "Sparrow" "Tansy" "Thatch"
        "Thistle" "Tumble" "Velvet" "Wether" "Whistle" "Winter" "Yarrow";

    /// How a surname ends.
    SURNAME_ENDS:
        "beck" "borne" "bridge" "bury" "by" "combe" "cott" "croft" "dale" "den" "fold" "ford" "gate" "ham" "hurst" "ley"
        "low" "mere" "more" "ridge" "shaw" "stead" "thorpe" "thwaite" "ton" "well" "wick" "wood" "worth" "yard";

    /// Surnames of another make.
    OTHER_SURNAMES:
        "Adebrightwe" "Ap Gwillow" "Banerjiwal" "D'Armitwell" "De la Fennel" "Featherstonehaugh-Pym" "Grüntal"
        "Kowalbrook" "Llanthistle" "MacBramble" "MacQuillan-Rook" "Mbekiwood" "Ní Bhriarán" "Nkembrook" "O'Bracken"
        "O'Dimbley" "O'Thatchery" "Patelwick" "Quang-Marrow" "Rahmanside" "Sørenfold" "Van der Plover" "Wongbridge"
        "Żurawlin";

    /// Streets.
    STREETS:
        "Acorn" "Badger" "Beacon" "Bellows" "Chandler's" "Cobbler's" "Cuckoo" "Dovecote" "Drovers" "Foundry"
        "Gooseberry" "Hopper's" "Kiln" "Lamplighter" "Mallard" "Millrace" "Orchard" "Paddock" "Pump" "Quarry" "Ropewalk"
        "Saffron" "Tinker's" "Weaver's";

    /// What a street is called.
    STREET_KINDS:
        "Avenue" "Close" "Court" "Crescent" "Drive" "Gardens" "Lane" "Road" "Street" "Way";

    /// Towns.
    TOWNS:
        "Aberplover" "Ballymizzle" "Candlewick-on-Sea" "Dimblethorpe" "Feathercombe" "Glen Thistle" "Great Pickleton"
        "Inkleford" "Kettlehaven" "Little Hathering" "Llanbramble" "Lower Merridew" "Marrowby" "Nether Tumble"
        "North Wexcombe" "Pebblemouth" "Rumbleswick" "St Otterburn" "Upper Yarrow" "Whistlebridge";

    /// Providers of plans.
    PROVIDERS:
        "Puffin Mutual" "Teasel Life" "Marmalade Pensions" "Old Tollbooth Assurance" "Lantern Friendly Society"
        "Rookery Platform" "Kestrel & Thimble" "Dovetail Wealth Wrap" "Bellwether Annuities" "Merrimoor Investments"
        "Hatstand Protection" "Saltmarsh SIPP Trustees";

    /// Domains kept for examples (RFC 2606).
    DOMAINS:
        "example.com" "example.org" "example.net" "post.example" "home.example" "inbox.example";

    /// How a National Insurance number ends.
    NI_SUFFIXES:
        "A" "B" "C" "D";

    /// What advisers write down.
    TEXTS:
        "Annual review booked"
        "Called about pension transfer"
        "Chase provider for valuation"
        "Fact find returned, two pages missing"
        "Fee agreement signed"
        "Letter of authority sent"
        "Moved house in the spring"
        "Paperwork received"
        "Prefers email, not before ten"
        "Send recommendation report"
        "Switched funds, see attached"
        "Update expression of wish"
        "Wants to retire at sixty"
        "Will discuss with daughter";
}
