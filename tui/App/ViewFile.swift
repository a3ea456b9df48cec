import JSON
import KassaModel

/// What the dashboard remembers from one run to the next: `view.json`, an object of texts.
struct ViewFile {
    private let path: String?
    /// What the command line asked for this run alone, and what was remembered instead.
    private var passing: [String: (asked: String, remembered: String)] = [:]

    init(_ folders: Folders) { path = folders.state.map { "\($0)/view.json" } }

    /// The view as it was left; empty where nothing is remembered or the file makes no sense.
    func load() -> SavedView {
        guard let path, let bytes = try? TextFile.read(path),
            case .object(let members)? = try? JSONValue(parsing: bytes)
        else { return SavedView(values: [:]) }
        let texts = members.compactMap { member in
            member.value.string.map { (member.name, $0) }
        }
        return SavedView(values: Dictionary(texts) { _, last in last })
    }

    /// Options are for one run: what they changed is remembered only where the operator changes it
    /// again.
    mutating func passOver(from remembered: SavedView, to asked: SavedView) {
        for (name, value) in asked.values {
            guard let before = remembered.values[name], before != value else { continue }
            passing[name] = (asked: value, remembered: before)
        }
    }

    /// Failing to remember is no reason to disturb the operator.
    func save(_ view: SavedView) {
        guard let path else { return }
        let members = view.values.sorted { $0.key < $1.key }.map { name, value in
            let known = passing[name].flatMap { $0.asked == value ? $0.remembered : nil }
            return JSONValue.Member(name, .string(known ?? value))
        }
        try? TextFile.replace(path, JSONValue.object(members).indented() + "\n")
    }
}
