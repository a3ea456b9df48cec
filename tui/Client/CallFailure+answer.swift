import JSON

extension CallFailure {
    /// What an answer that is no success says.
    init(_ answer: Answer) {
        let changesSomething = answer.changesSomething
        let detail = (try? JSONValue(parsing: answer.body))?["detail"]
        let fields = detail?.array?.prefix(20).compactMap(FieldFault.init(json:)) ?? []
        let words =
            detail?.string.map { $0.displayed(upTo: 300) }
            ?? (fields.isEmpty ? nil : fields.map(\.description).joined(separator: "; "))
        let retryAfter = answer.field("Retry-After").flatMap { Int($0) }
            .flatMap { (0...86_400).contains($0) ? $0 : nil }
        switch answer.status {
        case 409 where retryAfter != nil:
            // An earlier try under the same key is still under way: how it ends is open.
            self.init(
                .serverTrouble, words ?? "still under way", status: 409, retryAfter: retryAfter,
                isOutcomeUnknown: changesSomething)
        case 400..<500 where answer.status != 408 && answer.status != 429 && words != nil:
            self.init(
                .refused, words ?? "", status: answer.status, fields: Array(fields))
        case 429:
            self.init(
                .serverTrouble, words ?? "too many requests", status: 429, retryAfter: retryAfter)
        case 408, 500..<600:
            self.init(
                .serverTrouble, words ?? "the gateway answered \(answer.status)",
                status: answer.status, retryAfter: retryAfter, isOutcomeUnknown: changesSomething)
        default:
            self.init(
                .nonsense, "the answer (\(answer.status)) is not a Kassa gateway's",
                status: answer.status, isOutcomeUnknown: changesSomething)
        }
    }
}

extension CallFailure.FieldFault: CustomStringConvertible {
    /// `amount: Input should be greater than 0`.
    package var description: String { field.isEmpty ? message : "\(field): \(message)" }

    /// Reads one entry of a 422; nil for anything else.
    fileprivate init?(json: JSONValue) {
        guard let message = json["msg"]?.string else { return nil }
        let path = json["loc"]?.array?.dropFirst().compactMap(\.string) ?? []
        self.init(
            field: path.joined(separator: ".").displayed(upTo: 40),
            message: message.displayed(upTo: 200))
    }
}
