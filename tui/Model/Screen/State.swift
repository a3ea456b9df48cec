/// All that the screen knows; only ``update(_:_:)`` changes it while the program runs.
package struct State: Sendable {
    package var settings: Settings
    /// The time of the last event that brought one.
    package var moment: Moment
    package var size: Size
    /// What fits where, as the view laid it out.
    package var extents = Extents()
    /// Lines of it that are scrolled out at the top, and the order they belong to.
    var detailTop: (order: RowID?, lines: Int) = (nil, 0)

    package var orders = Table<OrderRow>(sort: Sort(.created, isDescending: true))
    package var accounts = Table<AccountRow>(sort: Sort(.newest, isDescending: true))
    /// The selected order in full, once it came; check its id against the selection.
    package var detail: OrderDetail?
    /// The last movements of the selected order's account, newest first.
    package var transfers: (user: String, rows: [TransferRow])?
    package var rates = Rates()
    package var services: [ServiceHealth] = []
    /// How many there are of everything; nil until told, or where the gateway does not count.
    package var totals: Totals?
    /// How the books stand; nil until told, or where the gateway does not tell.
    package var books: Books?
    /// The id of the parked message that is selected.
    package var parkedSelected: String?
    package var feeds: [Feed.Name: Feed] = [:]

    package var focus: Pane = .orders
    package var overlay: Overlay?
    package var forms: [FormKind: Form] = [:]
    package var commandLine = CommandLine()
    package var filterInput = TextInput()
    /// Set while the operator holds the picture: nothing is polled.
    package var pausedAt: Instant?
    package var log = EventLog()

    /// - Parameters:
    ///   - settings: what was chosen.
    ///   - session: a text no other session has (a random UUID): idempotency keys begin with it.
    ///   - seed: for the jitter of retries.
    package init(
        settings: Settings, size: Size, moment: Moment, session: String, seed: UInt64
    ) {
        self.settings = settings
        self.size = size
        self.moment = moment
        self.session = session
        random = Jitter(seed: seed)
        for name in Feed.Name.allCases { feeds[name] = Feed() }
    }

    /// Submissions whose outcome is not known and whose form has moved on, newest last.
    package var unresolved: [Unresolved] = []
    /// The last order placed from this screen.
    package var lastPlaced: RowID?

    let session: String
    var random: Jitter
    var keysMade = 0
    var orderFeed = OrderFeedPosition()
    var follower = DetailFollower()
    var accountsToAsk = AccountsToAsk()
    /// Orders placed from here whose end is told in the log.
    var watched: [RowID] = []
    /// Monotonic end of the last highlight.
    var highlightEnd: Instant = .min
}

/// A submission that may or may not have been carried out.
package struct Unresolved: Hashable, Sendable {
    /// What was sent.
    package let submission: Submission
    /// When it became uncertain, wall-clock milliseconds.
    package let wall: Int64

    /// Submissions kept.
    static let limit = 20
}

/// A small generator (SplitMix64), so that a seed gives the same run again.
struct Jitter: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
