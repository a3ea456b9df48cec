/// Questions about the bytes themselves: the view that a text has of them costs several times as
/// much for each.
extension String {
    /// Whether every byte of the text lies in a range.
    func isWithin(_ range: ClosedRange<UInt8>) -> Bool {
        var text = self
        return text.withUTF8 { bytes in bytes.allSatisfy { range.contains($0) } }
    }

    /// Whether both have the same bytes, which Swift's own `==` does not ask.
    func hasBytes(of other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        var (own, other) = (self, other)
        return own.withUTF8 { own in other.withUTF8 { own.elementsEqual($0) } }
    }
}
