import KassaModel
import KassaView

extension Benchmark {
    /// The dashboard in front of a shop that has more orders than it keeps.
    static var screen: [Benchmark] {
        let size = Size(columns: 120, rows: 36)
        var watched: Watched?
        func shop() -> Watched {
            if let watched { return watched }
            let new = Watched(size: size)
            watched = new
            return new
        }
        let theme = Theme(.dark, depth: .indexed, glyphs: .utf8)
        return [
            Benchmark("screen-update", "100 changed orders, of 10,000, taken in") {
                shop().turnPage()
            },
            Benchmark("screen-draw", "a frame of 120 by 36") {
                render(shop().state, size: size, theme: theme)
            },
        ]
    }
}

/// A screen that follows a shop where each page of changes has 50 orders placed and 50 paid.
private final class Watched {
    private(set) var state: State
    private var pages = 0
    private let ids: [String]

    private static let wall: Int64 = 1_795_356_202_418
    private static let half = 50
    /// More ids than the screen keeps orders: one that comes again has been forgotten.
    private static let cycle = 20_000

    init(size: Size) {
        ids = (0..<Self.cycle).map { number in
            let tail = String(0xA1B2_C3D4_0000 + number * 0x1357, radix: 16)
            return "019355ab-7c10-7def-8a00-\(tail)"
        }
        state = State(
            settings: Settings(gateway: "127.0.0.1:8000"), size: size,
            moment: Moment(now: 1_000, wall: Self.wall), session: "5e55", seed: 7)
        answer(.changes(after: nil, limit: 1), .changes([], next: "0", hasMore: false))
        answer(.orders(limit: 1_000), .orders([]))
        for _ in 0..<(12_500 / Self.half) { turnPage() }
        let frame = render(state, size: size, theme: Theme(.dark, depth: .mono, glyphs: .utf8))
        _ = update(&state, .laidOut(frame.extents))
    }

    /// Fifty new orders, and the fifty of the page before paid.
    func turnPage() {
        let placed = (0..<Self.half).map { order(pages * Self.half + $0, .pending) }
        let paid = (0..<Self.half).map { order((pages - 1) * Self.half + $0, .paid) }
        let cursor = "\(pages)"
        pages += 1
        answer(
            .changes(after: cursor, limit: 1_000),
            .changes(pages > 1 ? placed + paid : placed, next: "\(pages)", hasMore: false))
    }

    private func order(_ number: Int, _ status: OrderStatus) -> OrderRow {
        let placedAt = Self.wall * 1_000 + Int64(number) * 20
        return OrderRow(
            id: ids[max(0, number) % Self.cycle], user: "customer-0042", amount: Cents(4_250),
            description: "Two tickets, row 7", status: status, createdAt: placedAt,
            updatedAt: status == .pending ? placedAt : placedAt + 18_342)
    }

    private func answer(_ request: Request, _ response: Response) {
        let moment = Moment(
            now: 1_000 + Int64(pages), wall: Self.wall + Int64(pages))
        let cost = Cost(milliseconds: 4, bytes: 20_000)
        _ = update(&state, .responded(request, response, cost, moment))
    }
}
