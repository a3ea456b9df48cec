/// Who sent a message to the broker, and when, in its sender's own words: each time it is sent
/// anew.
///
/// It rides on the message's headers, tells an operator of the trip, and decides nothing.
package struct Publication: Hashable, Sendable {
    /// The process that sent it; nil where that is not known.
    package let instance: InstanceName?
    /// When it did, by the clock of its machine; nil where that is not known.
    package let moment: Timestamp?

    /// Nothing known, as of a message that another program has sent.
    package static let unknown = Publication(instance: nil, moment: nil)

    /// - Parameters: as the properties.
    package init(instance: InstanceName?, moment: Timestamp?) {
        self.instance = instance
        self.moment = moment
    }

    private static let instanceHeader = "published-by"
    private static let momentHeader = "published-at"

    /// Reads the two headers. Each counts by itself, and one that is not what a publisher of Kassa
    /// writes is as good as none: a name beyond its bounds, a time that is none, or one outside the
    /// years 1970 to 9999, which a database might refuse.
    package init(headers: [String: String]) {
        instance = headers[Self.instanceHeader].flatMap { InstanceName($0) }
        moment = headers[Self.momentHeader].flatMap { text in
            // An RFC 3339 time with nine decimals and an offset has 35 bytes.
            guard text.utf8.count <= 35 else { return nil }
            return Timestamp(rfc3339: text).flatMap { Self.moments.contains($0) ? $0 : nil }
        }
    }

    /// From 1970 until the end of 9999.
    private static let moments =
        Timestamp(microseconds: 0)...Timestamp(microseconds: 253_402_300_799_999_999)

    /// What is known, as headers; their names are lower-case.
    package var headers: [String: String] {
        var headers: [String: String] = [:]
        headers[Self.instanceHeader] = instance?.description
        headers[Self.momentHeader] = moment?.description
        return headers
    }
}
