//! More words of the Agents desk: the business, and the way to the first one.

crate::text::words::dictionary! {
    More;

    NewBusiness: "New business", "Companie nouă";
    EditBusiness: "Edit business", "Modifică compania";
    FirstBusiness: "No business here yet", "Nicio companie aici încă";
    FirstBusinessHint: "Agents work for a business: its places, resources, schedules and words. Make the first one to begin.", "Agenții lucrează pentru o companie: locațiile, resursele, programările și mesajele ei. Creează prima companie ca să începi.";
    MakeBusiness: "Make the first business", "Creează prima companie";
    AskForBusiness: "There is no business that you may see. Ask an admin of this server to make one, or to give you a key for theirs, on the server with:", "Nu există nicio companie pe care o poți vedea. Cere unui administrator al serverului să creeze una sau să îți dea o cheie pentru a lui, pe server cu:";
    SignInForBusiness: "There is no business that you may see without signing in. An admin makes the first one; whoever runs this server makes an admin's key there with:", "Nu există nicio companie vizibilă fără conectare. Prima este creată de un administrator; cine ține serverul face acolo o cheie de administrator cu:";
    BusinessReadOnly: "An admin can change this.", "Un administrator poate modifica aceste date.";
    BusinessIdHint: "Unique on this server and fixed, such as carpat-air", "Unic pe acest server și fix, de exemplu carpat-air";
    BusinessTypeHint: "Its trade, such as airline or freight", "Domeniul ei, de exemplu airline sau freight";
    Unreached: "Resources cannot be reached", "Resursele nu pot fi accesate";
    UnreachedHint: "The system that keeps them does not answer, and nothing is known of them yet.", "Sistemul care le ține nu răspunde și încă nu se știe nimic despre ele.";
    UnreachedKnown: "The system that keeps these does not answer. They are shown as they were {}.", "Sistemul care le ține nu răspunde. Se văd așa cum erau {}.";
    Locations: "Locations", "Locații";
    NoLocations: "No location yet: everything is for the whole business.", "Nicio locație încă: totul este pentru întreaga companie.";
    AddLocation: "Add location", "Adaugă locație";
    RemoveLocation: "Remove location {}", "Elimină locația {}";
    People: "People", "Oameni";
    NoPeople: "Nobody is listed: the keys and roles of the server say who may act.", "Nimeni în listă: cheile și rolurile serverului spun cine poate acționa.";
    PeopleHint: "Only these may act here, beside admins of the server. No location means all.", "Doar ei pot acționa aici, pe lângă administratorii serverului. Fără locație înseamnă toate.";
    Person: "Signs in as", "Se conectează ca";
    PersonPlaces: "Only at locations", "Doar la locațiile";
    AddPerson: "Add person", "Adaugă om";
    RemovePerson: "Remove {} from the list", "Elimină {} din listă";
    PersonGone: "{} leaves the list when you save", "{} iese din listă la salvare";
    RoleCoordinator: "Coordinator", "Coordonator";
    RoleViewer: "Viewer, only looks", "Observator, doar vede";
    RoleTrader: "Trader", "Trader";
    RoleAdmin: "Admin", "Administrator";
    RoleAny: "As the server says", "Cum spune serverul";
    RoleSeveral: "Several", "Mai multe";
    FaultTwice: "Is in the list already", "Este deja în listă";
    FaultPlaces: "Expected IDs of locations above, with commas between", "Se așteaptă ID-uri de locații de mai sus, cu virgule între ele";
    HowAgentsWork: "How agents work for it", "Cum lucrează agenții pentru ea";
    LanguageOf: "Language", "Limbă";
    LanguageHint: "Of messages that nobody asked for, such as digests", "A mesajelor pe care nu le-a cerut nimeni, de exemplu rezumatele";
    AnyLanguage: "Not set", "Nesetată";
    English: "English", "Engleză";
    Romanian: "Romanian", "Română";
    SettingsLeftOut: "No agent goes by these settings, and saving leaves them out: {}.", "Niciun agent nu ține cont de aceste setări, iar salvarea le lasă deoparte: {}.";
    BusinessZoneHint: "Of its schedules, such as Europe/Bucharest", "Al programărilor ei, de exemplu Europe/Bucharest";
    ConfidenceMin: "Ask a person below this confidence", "Întreabă un om sub această siguranță";
    ConfidenceMinHint: "From 0 to 1; empty leaves it to each agent's own policy", "De la 0 la 1; gol lasă regula fiecărui agent";
    AmountMax: "Ask a person from this amount on", "Întreabă un om de la această sumă";
    AmountMaxHint: "In whole units of its currency; empty leaves it to each agent's own policy", "În unități întregi ale monedei ei; gol lasă regula fiecărui agent";
    RunDollars: "Dollars that one run may cost", "Dolari pe care îi poate costa o rulare";
    RunTokens: "Tokens that one run may use", "Tokeni pe care îi poate folosi o rulare";
    RunLimitHint: "Empty leaves it as usual", "Gol lasă limita obișnuită";
    OnCrossing: "When a run would cost more", "Când o rulare ar costa mai mult";
    OnCrossingHint: "Local rules can answer in place of a model", "Regulile locale pot răspunde în locul unui model";
    CrossingStop: "Stop it", "Se oprește";
    CrossingDegrade: "Go on with local rules", "Continuă cu reguli locale";
    CrossingAsk: "Ask a person", "Se întreabă un om";
    FaultShare: "A number from 0 to 1 is expected", "Se așteaptă un număr de la 0 la 1";
    Fleet: "Fleet", "Flotă";
    FleetHint: "Addresses or beginnings of callsigns, with commas between; empty looks after all aircraft", "Adrese sau începuturi de indicative, cu virgule între ele; gol urmărește toate aeronavele";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_and_in_house_style() {
        crate::text::words::check(NAMES, WORDS);
    }
}
