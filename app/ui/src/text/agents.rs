//! The words of the Agents desk; only its own program carries them.

crate::text::words::dictionary! {
    Term;

    // Views.
    Agents: "Agents", "Agenți";
    AgentsTitle: "Agents · Inflight", "Agenți · Inflight";
    Views: "Views", "Vederi";
    Chat: "Chat", "Discuție";
    Reviews: "Reviews", "Aprobări";
    Runs: "Runs", "Rulări";
    Cases: "Cases", "Cazuri";
    Schedules: "Schedules", "Programări";
    Models: "Message models", "Modele de mesaje";
    Resources: "Resources", "Resurse";

    // The bar.
    Business: "Business", "Companie";
    Location: "Location", "Locație";
    AllLocations: "All locations", "Toate locațiile";
    Reasoner: "Reasoner", "Motor de decizie";
    ReasonerLocal: "Local rules", "Reguli locale";
    ReasonerLocalWhy: "Answers come from rules and templates on this server. No key of a model provider is set, and nothing leaves the machine.", "Răspunsurile vin din reguli și șabloane de pe acest server. Nu este setată nicio cheie de furnizor și nimic nu părăsește mașina.";
    ReasonerChat: "Chat model", "Model de chat";
    ReasonerRealtime: "Realtime model", "Model în timp real";
    ReasonerModelWhy: "Answers come from a model. What it proposes is still held to the policy in code.", "Răspunsurile vin de la un model. Ce propune trece tot prin regulile din cod.";
    ReasonerModel: "Model", "Model";
    ReasonerDegraded: "Degraded to local rules", "Redus la reguli locale";
    ReasonerDegradedWhy: "The model does not answer as it should, so local rules answer meanwhile. Nothing is lost; it is tried again by itself.", "Modelul nu răspunde cum trebuie, așa că între timp răspund regulile locale. Nimic nu se pierde; se reîncearcă automat.";
    ReasonerOff: "No answers", "Fără răspunsuri";
    ReasonerOffWhy: "Agents are switched off. What was decided stays, and schedules wait.", "Agenții sunt opriți. Ce s-a decis rămâne, iar programările așteaptă.";
    BreakerOpen: "The provider is left alone for a while after failures.", "Furnizorul este lăsat o vreme în pace după eșecuri.";
    BreakerHalfOpen: "The provider is being tried again.", "Furnizorul este încercat din nou.";
    Since: "for {}", "de {}";
    Ago: "{} ago", "acum {}";
    ExpectedGot: "What was recorded, and what came out", "Ce s-a înregistrat și ce a ieșit";
    SignIn: "Sign in", "Conectare";

    // States of the desk.
    Loading: "Loading", "Se încarcă";
    CannotShow: "This cannot be shown now", "Acum nu se poate afișa";
    Stale: "Offline: this is what was known last. It goes on by itself.", "Deconectat: aici este ultima situație cunoscută. Continuă automat.";
    ReadOnly: "You may look, but not decide. A coordinator's role is needed for that.", "Poți privi, dar nu decide. Pentru asta este nevoie de rolul de coordonator.";
    ReadOnlyChat: "Your role may read the conversation. To write, sign in as a coordinator.", "Rolul tău permite doar citirea discuției. Ca să scrii, conectează-te ca un coordonator.";
    NoAnswer: "The server did not answer", "Serverul nu a răspuns";
    Forbidden: "Your role or business does not allow this", "Rolul sau compania ta nu permite acest lucru";
    NotThere: "There is no such thing here any more.", "Așa ceva nu mai există aici.";
    Failing: "The server could not do this", "Serverul nu a putut face asta";
    NotDone: "Not done: {}", "Nu s-a făcut: {}";
    TryAgain: "Try again", "Încearcă din nou";
    ChooseOne: "Choose something from the list to see it here.", "Alege ceva din listă ca să apară aici.";
    NoneFits: "Nothing fits", "Nimic nu se potrivește";
    NoneFitsHint: "Take the filter away to see all.", "Renunță la filtru ca să le vezi pe toate.";
    Back: "Back", "Înapoi";
    Find: "Find", "Caută";
    Copy: "Copy", "Copiază";
    Raw: "Raw data", "Date brute";
    Save: "Save", "Salvează";
    GiveUp: "Discard", "Renunță";
    Delete: "Delete", "Șterge";
    Edit: "Edit", "Modifică";
    Yes: "yes", "da";
    Of: "{} of {}", "{} din {}";
    In: "in {}", "peste {}";
    AllOf: "All {}", "Toate cele {}";
    SaidSaved: "Saved", "Salvat";
    SaidDeleted: "Deleted", "Șters";

    // Chat.
    Conversation: "Conversation", "Discuție";
    Message: "Message to the assistant", "Mesaj către asistent";
    ComposerHint: "Enter sends, Shift+Enter starts a new line.", "Enter trimite, Shift+Enter trece la rând nou.";
    Send: "Send", "Trimite";
    Sending: "Sending", "Se trimite";
    NotSent: "Not sent.", "Netrimis.";
    Assistant: "Assistant", "Asistent";
    You: "You", "Tu";
    Working: "The assistant is at work", "Asistentul lucrează";
    NoAnswerCame: "No answer came.", "Nu a venit niciun răspuns.";
    HowCame: "How this came about", "Cum s-a ajuns aici";
    SourcesOf: "Sources", "Surse";
    StepDone: "done", "gata";
    StepFailed: "failed", "eșuat";
    StepRunning: "at work", "în lucru";
    Welcome: "Ask, or say what should be done", "Întreabă sau spune ce e de făcut";
    WelcomeHint: "The assistant knows resources, cases and schedules of this business, and says where each answer comes from.", "Asistentul cunoaște resursele, cazurile și programările acestei companii și spune de unde vine fiecare răspuns.";
    FirstHint: "New here? Ask something below. What the assistant wants to change waits in Reviews until a person approves it; how each answer came about stands in Runs.", "Ești la început? Întreabă ceva mai jos. Ce vrea asistentul să schimbe așteaptă la Aprobări până când un om aprobă; cum s-a ajuns la fiecare răspuns se vede la Rulări.";
    HintRead: "Understood", "Am înțeles";
    Suggest1: "Which gates are free?", "Ce porți sunt libere?";
    Suggest2: "Which cases are open?", "Ce cazuri sunt deschise?";
    Suggest3: "What is scheduled?", "Ce este programat?";
    Suggest4: "What can you do?", "Ce poți face?";
    WhatNeedsYou: "What needs you", "Ce cere atenția ta";
    WaitingForYou: "Waiting for you", "Te așteaptă";
    OpenCases: "Open cases", "Cazuri deschise";

    // What answers refer to.
    Case: "Case", "Caz";
    Model: "Model", "Model";
    Schedule: "Schedule", "Programare";
    Run: "Run", "Rulare";
    Decision: "Decision", "Decizie";
    Aircraft: "Aircraft", "Aeronavă";
    Resource: "Resource", "Resursă";

    // Reviews.
    WaitingTab: "Waiting", "În așteptare";
    DecidedTab: "Decided", "Decise";
    NothingWaits: "Nothing waits for you", "Nimic nu te așteaptă";
    NothingWaitsHint: "What an agent may not do by itself comes here, with its reasons, and waits for a person.", "Ce nu are voie un agent să facă singur apare aici, cu motivele sale, și așteaptă un om.";
    NothingDecided: "Nothing was decided yet", "Încă nu s-a decis nimic";
    NothingDecidedHint: "Approved, rejected and expired proposals stand here.", "Aici apar propunerile aprobate, respinse și expirate.";
    NewReview: "Waiting for you: {}", "Te așteaptă: {}";
    Sure: "sure", "siguranță";
    Escalated: "Escalated", "Escaladată";
    LeftFor: "{} left", "mai sunt {}";
    MarkOne: "Mark {}", "Marchează {}";
    MarkAll: "Mark all or none", "Marchează tot sau nimic";
    Marked: "{} marked", "{} marcate";
    ApproveMarked: "Approve marked", "Aprobă marcatele";
    RejectMarked: "Reject marked", "Respinge marcatele";
    WhyRejected: "Why is it rejected?", "De ce se respinge?";
    ReasonNeeded: "Say in a few words why; the agent and the audit trail keep it.", "Spune în câteva cuvinte de ce; rămâne la agent și în jurnalul de audit.";
    Approve: "Approve", "Aprobă";
    ApproveEdited: "Approve with edits", "Aprobă cu modificări";
    Reject: "Reject", "Respinge";
    Approved: "Approved", "Aprobată";
    ApprovedEdited: "Approved with edits", "Aprobată cu modificări";
    Rejected: "Rejected", "Respinsă";
    Expired: "Expired", "Expirată";
    Withdrawn: "Withdrawn", "Retrasă";
    Review: "Review", "Aprobare";
    Because: "Because", "Pentru că";
    WaitsForYou: "Waiting for you", "Te așteaptă";
    By: "by {}", "de {}";
    SomebodyFirst: "{} was first: it is {} already.", "{} a fost mai rapid: este deja {}.";
    NotDecided: "Your decision was not taken:", "Decizia ta nu a fost preluată:";
    OnItsWay: "Your decision is on its way", "Decizia ta este pe drum";
    OtherRole: "The role {} is needed to decide this.", "Pentru această decizie este nevoie de rolul {}.";
    ExpiredHint: "Nobody decided in time. The agent was told; ask it again if this is still wanted.", "Nimeni nu a decis la timp. Agentul a fost anunțat; cere-i din nou dacă mai este nevoie.";
    Why: "Why", "De ce";
    Policy: "Policy that asked", "Regula care a întrebat";
    Confidence: "Confidence", "Siguranță";
    Amount: "Amount", "Sumă";
    Role: "Role", "Rol";
    Asked: "Asked", "Cerută";
    Expires: "Expires", "Expiră";
    Reason: "Reason", "Motiv";
    ThenEscalate: "then it goes to an admin", "apoi ajunge la un administrator";
    ThenReject: "then it is rejected", "apoi este respinsă";
    WhatIsProposed: "What is proposed", "Ce se propune";
    ProposedByAgent: "Proposed by agent", "Propus de agent";
    ResourceAction: "Change of a resource", "Schimbare la o resursă";
    Notification: "Notification", "Notificare";
    ExternalCall: "Call to another service", "Apel către alt serviciu";
    Changes: "What changes", "Ce se schimbă";
    FieldName: "Field", "Câmp";
    Before: "Before", "Înainte";
    After: "After", "După";
    Between: "Between {} and {}", "Între {} și {}";
    AtLeast: "At least {}", "Cel puțin {}";
    AtMost: "At most {}", "Cel mult {}";
    TimeHint: "A time with its zone, such as 2026-11-21T20:00:00Z", "O oră cu fusul ei, de exemplu 2026-11-21T20:00:00Z";
    FaultEmpty: "Something must stand here", "Aici trebuie scris ceva";
    FaultNumber: "A number is expected", "Se așteaptă un număr";
    FaultChoice: "One of the choices is expected", "Se așteaptă una dintre variante";
    FaultObject: "An object in braces is expected", "Se așteaptă un obiect între acolade";
    FaultZone: "The IANA name of a time zone is expected, such as Europe/Bucharest or UTC", "Se așteaptă numele IANA al unui fus orar, de exemplu Europe/Bucharest sau UTC";
    Undo: "Undo", "Anulează";
    UndoLeft: "{} s left", "mai sunt {} s";
    WasApproved: "Approved: {}", "Aprobată: {}";
    WasRejected: "Rejected: {}", "Respinsă: {}";
    WereApproved: "{} approved", "{} aprobate";
    WereRejected: "{} rejected", "{} respinse";
    SaidApproved: "Approved: {}", "Aprobate: {}";
    SaidRejected: "Rejected: {}", "Respinse: {}";
    SaidUndone: "Taken back; it waits again", "Anulat; așteaptă din nou";

    // Runs.
    AllRuns: "All", "Toate";
    OpenRuns: "Under way", "În curs";
    FailedRuns: "Failed", "Eșuate";
    NoRuns: "No run yet", "Nicio rulare încă";
    NoRunsHint: "Each message, schedule and disruption that an agent takes on is a run, step by step, for good.", "Fiecare mesaj, programare sau perturbare preluată de un agent este o rulare, pas cu pas, păstrată definitiv.";
    Running: "Running", "Rulează";
    Waits: "Waiting", "Așteaptă";
    WaitsForReview: "Waits for review", "Așteaptă aprobare";
    Failed: "Failed", "Eșuată";
    Cancelled: "Cancelled", "Anulată";
    Done: "Done", "Gata";
    RunDegraded: "Degraded:", "Redusă:";
    Verify: "Replay and verify", "Reia și verifică";
    Verifying: "Replaying every step", "Se reiau toți pașii";
    VerifiedWell: "Replayed {} steps: each came out the same.", "S-au reluat {} pași: fiecare a ieșit la fel.";
    Diverged: "The replay differs first at event {}, in node {}.", "Reluarea diferă prima dată la evenimentul {}, în nodul {}.";
    NotVerified: "Not replayed:", "Nereluată:";
    Fork: "Fork from here", "Ramifică de aici";
    ForkState: "State after step {}, to begin with", "Starea după pasul {}, de la care se începe";
    ForkHint: "Edit the state. A new run goes on from here with it; this one stays as it is.", "Modifică starea. O rulare nouă continuă de aici cu ea; aceasta rămâne cum este.";
    ForkNow: "Start the fork", "Pornește ramura";
    SaidForked: "A new run was started from here", "De aici a pornit o rulare nouă";
    Export: "Export", "Exportă";
    CancelRun: "Cancel the run", "Oprește rularea";
    SaidCancelled: "The run was cancelled", "Rularea a fost oprită";
    Agent: "Agent", "Agent";
    Node: "Node", "Nod";
    NeedsReview: "Needs a person", "Cere un om";
    Started: "Started", "Începută";
    Lasted: "Took", "A durat";
    Source: "Source", "Sursă";
    Correlation: "Correlation", "Corelare";
    ForkedFrom: "Forked from", "Ramificată din";
    Tokens: "Tokens", "Tokeni";
    Cost: "Cost", "Cost";
    Steps: "Steps", "Pași";
    TimeUsed: "Time", "Timp";
    StateAfter: "State after step", "Starea după pasul";
    StepOf: "{} of {}", "{} din {}";
    NoSteps: "No step has ended yet.", "Încă nu s-a încheiat niciun pas.";
    NothingChanged: "This step changed nothing in the state.", "Acest pas nu a schimbat nimic în stare.";
    WholeState: "Whole state", "Starea întreagă";
    TheBeginning: "Before the first step", "Înainte de primul pas";
    EventAsked: "Question as it was sent", "Întrebarea așa cum a fost trimisă";
    EventAnswered: "Answer as it was recorded", "Răspunsul așa cum a fost înregistrat";
    EventFailed: "Answer that failed", "Răspuns eșuat";
    EventReview: "A person was asked", "A fost întrebat un om";
    EventDecided: "A person decided", "Un om a decis";
    EventEffect: "Effect that was intended", "Efect dorit";
    EventSettled: "Effect that came about", "Efect produs";
    EventBudget: "Budget that was crossed", "Buget depășit";
    EventGuardrail: "Guardrail that held", "Barieră declanșată";
    EventWaiting: "Waits until a time", "Așteaptă până la o oră";
    Effects: "Effects", "Efecte";
    EffectWaits: "On its way", "Pe drum";
    EffectDone: "Done", "Făcut";
    EffectFailed: "Failed", "Eșuat";
    EffectWithdrawn: "Withdrawn", "Retras";
    AllEvents: "All {} events", "Toate cele {} evenimente";
    Graph: "Graph", "Graf";
    GraphWords: "Graph of {} nodes; the run is at {}", "Graf cu {} noduri; rularea este la {}";

    // Cases.
    OpenTab: "Open", "Deschise";
    ClosedTab: "Closed", "Închise";
    NoCases: "No open case", "Niciun caz deschis";
    NoCasesHint: "Disruptions that matter to this business become cases, with what an agent proposes.", "Perturbările care contează pentru această companie devin cazuri, cu propunerea unui agent.";
    Critical: "Critical", "Critic";
    Warning: "Warning", "Avertizare";
    Notice: "Notice", "Informare";
    Proposed: "Proposed", "Cu propunere";
    Closed: "Closed", "Închis";
    OpenCase: "Open", "Deschis";
    OnSky: "{} on Sky", "{} pe Cer";
    KindOf: "Kind", "Fel";
    Callsign: "Callsign", "Indicativ";
    Airport: "Airport", "Aeroport";
    Opened: "Opened", "Deschis";
    Changed: "Changed", "Modificat";
    GoToReview: "Decide this", "Decide acum";
    Notes: "Notes", "Note";

    // Schedules.
    NoSchedules: "Nothing is scheduled", "Nimic nu este programat";
    NoSchedulesHint: "What an agent does by the clock stands here, such as a digest each morning.", "Aici apare ce face un agent la ore fixe, de exemplu un rezumat în fiecare dimineață.";
    NewSchedule: "New schedule", "Programare nouă";
    EditSchedule: "Edit schedule", "Modifică programarea";
    Active: "Active", "Activă";
    Paused: "Paused", "Suspendată";
    RunNow: "Run now", "Rulează acum";
    Pause: "Pause", "Suspendă";
    Resume: "Resume", "Reia";
    CancelSchedule: "Cancel", "Anulează";
    SaidRunNow: "Started now", "Pornită acum";
    SaidPaused: "Paused", "Suspendată";
    SaidResumed: "Goes on", "Continuă";
    SaidScheduleCancelled: "Cancelled", "Anulată";
    NextRuns: "Next runs", "Următoarele rulări";
    NoNextRuns: "It does not run while it is paused or cancelled.", "Nu rulează cât este suspendată sau anulată.";
    YourClock: "On your clock", "După ceasul tău";
    LeftUntil: "How long until then", "Cât mai este până atunci";
    LastRun: "Last run", "Ultima rulare";
    LastStatus: "How it ended", "Cum s-a încheiat";
    Missed: "If a run was missed", "Dacă s-a ratat o rulare";
    MissedHint: "What happens when the server was off at the time.", "Ce se întâmplă dacă serverul era oprit la acea oră.";
    MissedSkip: "Leave it out", "Se sare";
    MissedOnce: "Run once", "Se rulează o dată";
    MissedAll: "Run each one", "Se rulează fiecare";
    Name: "Name", "Nume";
    CronField: "When: minute, hour, day, month, weekday", "Când: minut, oră, zi, lună, zi din săptămână";
    TimeZone: "Time zone", "Fus orar";
    TimeZoneHint: "Such as Europe/Bucharest or UTC", "De exemplu Europe/Bucharest sau UTC";
    Task: "Task", "Sarcină";
    TaskHint: "What the agent is told, in words", "Ce i se spune agentului, în cuvinte";

    // Message models.
    NoModels: "No message model yet", "Niciun model de mesaj încă";
    NoModelsHint: "A model says in which words a decision is told, with typed parameters and versions.", "Un model spune în ce cuvinte se comunică o decizie, cu parametri tipizați și versiuni.";
    NewModel: "New model", "Model nou";
    EditModel: "Edit model", "Modifică modelul";
    UsedTimes: "used {} times", "folosit de {} ori";
    Used: "Used", "Folosit";
    LastUsed: "Last used", "Folosit ultima dată";
    BusinessType: "Business type", "Tip de companie";
    DecisionCode: "Decision code", "Cod de decizie";
    DecisionCodeHint: "The code that agents look it up by, such as DELAY_NOTICE", "Codul după care îl caută agenții, de exemplu DELAY_NOTICE";
    Template: "Template", "Șablon";
    TemplateHint: "Parameters stand in braces, as in: Flight {callsign} is late.", "Parametrii stau între acolade, ca în: Zborul {callsign} întârzie.";
    Parameters: "Parameters", "Parametri";
    NoParameters: "The template has no parameters.", "Șablonul nu are parametri.";
    AddParameter: "Add parameter", "Adaugă parametru";
    RemoveParameter: "Remove parameter {}", "Elimină parametrul {}";
    Type: "Type", "Tip";
    Description: "Description", "Descriere";
    Required: "Required", "Obligatoriu";
    SampleValue: "Value in the preview", "Valoare în previzualizare";
    TypeText: "Text", "Text";
    TypeNumber: "Number", "Număr";
    TypeMoney: "Money", "Bani";
    TypeTime: "Time", "Oră";
    TypeChoice: "Choice", "Alegere";
    TypeList: "List", "Listă";
    Preview: "Preview", "Previzualizare";
    Expected: "Expected {}; found {}", "Se aștepta {}; s-a găsit {}";
    Version: "Version", "Versiune";
    Versions: "Versions", "Versiuni";
    DiffTo: "From version {} to what is above", "De la versiunea {} la ce este mai sus";
    Restore: "Take this version over", "Preia această versiune";
    SaidRestored: "Taken over into the form; save to keep it", "Preluată în formular; salvează ca să rămână";

    // Resources.
    NoResources: "No resource yet", "Nicio resursă încă";
    NoResourcesHint: "Gates, crews, vehicles and what else agents work with stand here.", "Aici apar porțile, echipajele, vehiculele și tot ce folosesc agenții.";
    NewResource: "New resource", "Resursă nouă";
    EditResource: "Edit resource", "Modifică resursa";
    ResourceHint: "If somebody else changes it meanwhile, you are told before anything is overwritten.", "Dacă altcineva o schimbă între timp, afli înainte să se suprascrie ceva.";
    AllKinds: "All", "Toate";
    Id: "Id", "Id";
    IdHint: "Unique in the business, such as gate-a1", "Unic în companie, de exemplu gate-a1";
    NameHint: "What people call it", "Cum îi spun oamenii";
    TypeHint: "Such as gate, crew or vehicle", "De exemplu gate, crew sau vehicle";
    Status: "Status", "Stare";
    StatusHint: "A word, such as free or closed", "Un cuvânt, de exemplu free sau closed";
    LocationHint: "Where it is; empty for everywhere", "Unde se află; gol pentru oriunde";
    Attributes: "Other fields", "Alte câmpuri";
    AttributesHint: "An object in JSON", "Un obiect JSON";

    // Keys.
    KeyViews: "Go to a view", "Mergi la o vedere";
    KeyWrite: "Write to the assistant", "Scrie asistentului";
    KeyNext: "Next or previous in the list, or step of a run", "Următorul sau precedentul din listă sau pas al rulării";
    KeyApprove: "Approve", "Aprobă";
    KeyReject: "Reject", "Respinge";
    KeyEdit: "Edit before approving", "Modifică înainte de aprobare";
    KeyMark: "Mark for a decision together", "Marchează pentru o decizie comună";
    KeyUndo: "Undo the last decision", "Anulează ultima decizie";
    KeyFind: "Find", "Caută";
    KeyEscape: "Close, or back to the list", "Închide sau înapoi la listă";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_and_in_house_style() {
        crate::text::words::check(NAMES, WORDS);
    }
}
