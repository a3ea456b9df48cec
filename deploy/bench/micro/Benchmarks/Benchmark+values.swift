import Foundation
import SharedKernel

extension Benchmark {
    /// Money, ids and times, from their text and back.
    static var values: [Benchmark] {
        get throws { try money + ids + times + correlations }
    }

    private static var money: [Benchmark] {
        get throws {
            let amount = try Amount(decimal: "1742.50")
            let decimal = Decimal(174_250) / 100
            return [
                Benchmark("money-read", "an amount from decimal text") {
                    try Amount(decimal: "1742.50")
                }.against("Decimal") { Decimal(string: "1742.50") },
                Benchmark("money-read-noisy", "an amount that was a binary fraction") {
                    try Amount(noisyDecimal: "1742.4999999999998")
                },
                Benchmark("money-write", "an amount as decimal text") { amount.description }
                    .against("Decimal") { decimal.description },
            ]
        }
    }

    private static var ids: [Benchmark] {
        get throws {
            guard let id = OrderID(Samples.idText), let uuid = UUID(uuidString: Samples.idText)
            else { throw Unexpected() }
            return [
                Benchmark("id-make", "a new UUIDv7") { Samples.ids.nextOrderID() }
                    .against("UUID (v4)") { UUID() },
                Benchmark("id-read", "an order's id from its text") { OrderID(Samples.idText) }
                    .against("UUID") { UUID(uuidString: Samples.idText) },
                Benchmark("id-write", "an order's id as text") { id.description }
                    .against("UUID") { uuid.uuidString },
            ]
        }
    }

    private static var times: [Benchmark] {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let date = Date(timeIntervalSince1970: Double(Samples.moment.microseconds) / 1e6)
        return [
            Benchmark("time-read", "a time from RFC 3339 text") {
                Timestamp(rfc3339: Samples.momentText)
            }.against("ISO8601FormatStyle") { try style.parse(Samples.momentText) },
            Benchmark("time-write", "a time as RFC 3339 text") { Samples.moment.description }
                .against("ISO8601FormatStyle") { style.format(date) },
        ]
    }

    private static var correlations: [Benchmark] {
        let correlation = Correlation(headers: Samples.headers)
        return [
            Benchmark("headers-read", "a message's correlation from its headers") {
                Correlation(headers: Samples.headers)
            },
            Benchmark("headers-write", "a message's correlation as headers") {
                correlation.headers
            },
        ]
    }
}
