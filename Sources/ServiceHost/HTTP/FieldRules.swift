import JSON
import SharedKernel

/// The rules' words, as Pydantic says them.
enum FieldRules {
    static let string = RequestFields.Rule(
        type: "string_type", msg: "Input should be a valid string")
    static let tooShort = RequestFields.Rule(
        type: "string_too_short", msg: "String should have at least 1 character",
        ctx: ["min_length": .integer(1)])
    static let forbiddenCharacter = RequestFields.Rule(
        type: "value_error",
        msg: "Value error, control and bidirectional characters are not allowed",
        ctx: ["error": "control and bidirectional characters are not allowed"])
    static let decimal = RequestFields.Rule(
        type: "decimal_type",
        msg: "Decimal input should be an integer, float, string or Decimal object")
    static let decimalText = RequestFields.Rule(
        type: "decimal_parsing", msg: "Input should be a valid decimal")
    static let decimalPlaces = RequestFields.Rule(
        type: "decimal_max_places",
        msg: "Decimal input should have no more than 2 decimal places",
        ctx: ["decimal_places": .integer(2)])
    static let integerText = RequestFields.Rule(
        type: "int_parsing",
        msg: "Input should be a valid integer, unable to parse string as an integer")

    static let uuid = RequestFields.Rule(
        type: "uuid_parsing", msg: "Input should be a valid UUID")
    static let timestamp = RequestFields.Rule(
        type: "datetime_parsing",
        msg: "Input should be a valid datetime, such as 2026-11-22T12:34:56.789Z")

    static func tooLong(_ limit: Int, _ unit: String) -> RequestFields.Rule {
        RequestFields.Rule(
            type: "string_too_long", msg: "String should have at most \(limit) \(unit)",
            ctx: ["max_length": .integer(limit)])
    }

    static func greaterThan(_ bound: String) -> RequestFields.Rule {
        RequestFields.Rule(
            type: "greater_than", msg: "Input should be greater than \(bound)",
            ctx: ["gt": .number(bound)])
    }

    static func atLeast(_ bound: Int) -> RequestFields.Rule {
        RequestFields.Rule(
            type: "greater_than_equal", msg: "Input should be greater than or equal to \(bound)",
            ctx: ["ge": .integer(bound)])
    }

    static func atMost(_ bound: String) -> RequestFields.Rule {
        RequestFields.Rule(
            type: "less_than_equal", msg: "Input should be less than or equal to \(bound)",
            ctx: ["le": .number(bound)])
    }

    static func word(of words: [String]) -> RequestFields.Rule {
        let quoted = words.map { "'\($0)'" }
        let head = quoted.dropLast().joined(separator: ", ")
        let expected = [head, quoted.last ?? ""].filter { !$0.isEmpty }.joined(separator: " or ")
        return RequestFields.Rule(
            type: "enum", msg: "Input should be \(expected)",
            ctx: ["expected": .string(expected)])
    }
}

extension RequestFields {
    static func userID(_ value: JSONValue) -> Reading<UserID> {
        guard let text = value.string else { return .failure(FieldRules.string) }
        do throws(UserID.ParseError) {
            return .success(try UserID(text))
        } catch {
            switch error {
            case .empty: return .failure(FieldRules.tooShort)
            case .tooLong: return .failure(FieldRules.tooLong(UserID.byteLimit, "bytes"))
            case .forbiddenCharacter: return .failure(FieldRules.forbiddenCharacter)
            }
        }
    }

    static func description(_ value: JSONValue) -> Reading<OrderDescription> {
        guard let text = value.string else { return .failure(FieldRules.string) }
        do throws(OrderDescription.ParseError) {
            return .success(try OrderDescription(text))
        } catch {
            switch error {
            case .tooLong:
                return .failure(
                    FieldRules.tooLong(OrderDescription.characterLimit, "characters"))
            case .forbiddenCharacter: return .failure(FieldRules.forbiddenCharacter)
            }
        }
    }

    static func amount(_ value: JSONValue) -> Reading<Amount> {
        let text: String
        switch value {
        case .number(let digits): text = digits
        case .string(let digits): text = digits
        default: return .failure(FieldRules.decimal)
        }
        do throws(Amount.ParseError) {
            return .success(try Amount(decimal: text))
        } catch {
            switch error {
            case .notANumber: return .failure(FieldRules.decimalText)
            case .tooManyDecimals: return .failure(FieldRules.decimalPlaces)
            case .tooSmall: return .failure(FieldRules.greaterThan("0"))
            case .tooLarge: return .failure(FieldRules.atMost(Amount.greatest.description))
            }
        }
    }

    static func limit(_ value: JSONValue) -> Reading<Int> {
        guard let text = value.string, let limit = Int(text) else {
            return .failure(FieldRules.integerText)
        }
        guard limit >= 1 else { return .failure(FieldRules.atLeast(1)) }
        guard limit <= 1_000 else { return .failure(FieldRules.atMost("1000")) }
        return .success(limit)
    }
}
