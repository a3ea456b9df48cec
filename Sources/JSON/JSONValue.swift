/// One JSON value, as it stood in the text.
///
/// Numbers keep their decimal text, so an amount never passes through a binary double; object
/// members keep their order. Where Foundation's decoder would round, recurse without bound or
/// accept a key twice, this one says no.
package enum JSONValue: Sendable, Equatable {
    /// A name and its value.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONValue

        /// - Parameters: as the properties.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }

        /// Whether this is its name, byte by byte: Swift's own `==` holds canonically equal strings
        /// for the same.
        func isNamed(_ name: String) -> Bool {
            guard self.name.utf8.count == name.utf8.count else { return false }
            var (own, other) = (self.name, name)
            return own.withUTF8 { own in other.withUTF8 { own.elementsEqual($0) } }
        }
    }

    case null
    case boolean(Bool)
    /// The number's text, in JSON's grammar: `-12.50`, `1e3`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A whole number.
    package static func integer(_ value: some BinaryInteger) -> JSONValue {
        .number(String(value))
    }

    /// The member's value, where this is an object that has one of that name.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.isNamed(name) }?.value
    }

    /// The text, where this is a string.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The elements, where this is an array.
    package var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
