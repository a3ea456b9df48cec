import Audit
import JSON
import SharedKernel
import Synchronization

/// Two services on paper, which show an auditor their pages.
final class PaperShop: Sendable {
    struct Books {
        var orders: [OrderID: String] = [:]
        /// Whether each order was charged.
        var charges: [OrderID: Bool] = [:]
        /// Balances in cents, by account number.
        var balances: [Int64: Int64] = [:]
        /// Movements in cents, below zero for charges; the last one is of the latest minute.
        var movements: [Int64: [Int64]] = [:]
        var targets: [String] = []
        /// Runs before each answer.
        var between: @Sendable (inout Books) -> Void = { _ in }
    }

    let books = Mutex(Books())
    /// Movements of a piece.
    private let pieceLimit = 2

    func answer(_ target: String) -> JSONValue {
        books.withLock { books in
            books.targets.append(target)
            let between = books.between
            between(&books)
            let parts = target.split(separator: "?")
            let query = Dictionary(
                uniqueKeysWithValues: parts[1].split(separator: "&").map { pair in
                    let pair = pair.split(separator: "=")
                    return (String(pair[0]), String(pair[1]))
                })
            switch parts[0] {
            case "/audit/orders":
                return ["orders": Self.page(Array(books.orders.keys), query) { books.order($0) }]
            case "/audit/charges":
                return ["charges": Self.page(Array(books.charges.keys), query) { books.charge($0) }]
            case "/audit/accounts": return books.accounts(query)
            default: return books.piece(query, limit: pieceLimit)
            }
        }
    }

    private static func page(
        _ ids: [OrderID], _ query: [String: String], _ row: (OrderID) -> JSONValue
    ) -> JSONValue {
        if let one = query["order_id"].flatMap({ OrderID($0) }) {
            return .array(ids.contains(one) ? [row(one)] : [])
        }
        let bound = query["before"].flatMap { OrderID($0) }
        let older = ids.sorted(by: >).filter { id in bound.map { id < $0 } ?? true }
        return .array(older.prefix(Int(query["limit"] ?? "") ?? 100).map(row))
    }
}

extension PaperShop.Books {
    fileprivate func order(_ id: OrderID) -> JSONValue {
        let status = orders[id] ?? ""
        let isOpen = status == "PENDING"
        return [
            "order_id": .string(id.description), "user_id": "ada", "amount": .number("2.50"),
            "status": .string(status), "ends": isOpen ? [] : [.string(status)],
            "awaited": .boolean(isOpen),
        ]
    }

    fileprivate func charge(_ id: OrderID) -> JSONValue {
        let isPaid = charges[id] ?? false
        var members: [JSONValue.Member] = [
            .init("order_id", .string(id.description)), .init("user_id", "ada"),
            .init("amount", .number("2.50")), .init("status", isPaid ? "PAID" : "FAILED"),
        ]
        if isPaid {
            members += [
                .init("debits", .integer(1)), .init("debited", .number("2.50")),
                .init("debited_from", "ada"),
            ]
        }
        return .object(members)
    }

    fileprivate func accounts(_ query: [String: String]) -> JSONValue {
        let after = Int64(query["after"] ?? "") ?? 0
        let page = balances.keys.sorted().filter { $0 > after }
            .prefix(Int(query["limit"] ?? "") ?? 100)
        let rows = page.map { number in
            let latest = movements[number]?.last ?? 0
            return JSONValue.object(
                [
                    .init("account", .integer(number)), .init("user_id", .string("user\(number)")),
                    .init("balance", Self.money(balances[number] ?? 0)),
                ] + Self.sums([latest]))
        }
        return ["accounts": .array(rows), "since": "2026-11-22T12:00:00.000000Z"]
    }

    /// The place is `account` or `account,movement`.
    fileprivate func piece(_ query: [String: String], limit: Int) -> JSONValue {
        let place = (query["after"] ?? "").split(separator: ",").compactMap { Int64($0) }
        let through = Int64(query["through"] ?? "") ?? 0
        let all = movements.keys.sorted().flatMap { number in
            (movements[number] ?? []).dropLast().enumerated().map {
                (number, $0.offset, $0.element)
            }
        }
        let rest = all.filter { number, index, _ in
            let isBehind =
                number > place[0]
                || (place.count == 2 && number == place[0] && index > Int(place[1]))
            return isBehind && number <= through
        }
        let piece = rest.prefix(limit)
        let numbers = Set(piece.map(\.0)).sorted()
        let rows = numbers.map { number in
            JSONValue.object(
                [.init("account", .integer(number))]
                    + Self.sums(piece.filter { $0.0 == number }.map(\.2)))
        }
        let isCut = rest.count > limit
        let next = piece.last.map { JSONValue.string("\($0.0),\($0.1)") }
        return ["movements": .array(rows), "next": isCut ? next ?? .null : .null]
    }

    private static func sums(_ movements: [Int64]) -> [JSONValue.Member] {
        [
            .init("deposited", money(movements.filter { $0 > 0 }.reduce(0, +))),
            .init("charged", money(-movements.filter { $0 < 0 }.reduce(0, +))),
        ]
    }

    private static func money(_ cents: Int64) -> JSONValue {
        .number(Money(minorUnits: cents).description)
    }
}
