import KassaModel
import KassaView

/// One picture of the dashboard as text, for `--once`.
struct Picture {
    let text: String
    /// Why there are no data; nil when there are.
    let failure: String?

    /// Answers lead to questions (the selected order's details); more rounds than this are a loop.
    private static let roundLimit = 5

    /// Asks what the dashboard asks at its start, and draws what it then shows.
    static func take(_ start: State, _ asker: Asker) async -> Picture {
        var state = start
        var questions = requests(update(&state, .resize(start.size)))
        questions += requests(update(&state, .tick(.current)))
        for _ in 0..<roundLimit where !questions.isEmpty {
            let events = await withTaskGroup(of: (Int, Event).self) { group in
                for (place, question) in questions.enumerated() {
                    group.addTask { (place, await asker.ask(question)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            questions = events.sorted { $0.0 < $1.0 }.flatMap { requests(update(&state, $0.1)) }
        }
        let theme = Theme(
            .mono, depth: .mono, glyphs: state.settings.glyphs, isUTF8: state.settings.isUTF8)
        let frame = render(state, size: state.size, theme: theme)
        _ = update(&state, .laidOut(frame.extents))
        let text = render(state, size: state.size, theme: theme).text
        guard case .lost(let outage) = state.connection else {
            return Picture(text: text, failure: nil)
        }
        return Picture(text: text, failure: outage.failure.text)
    }

    private static func requests(_ effects: [Effect]) -> [Request] {
        effects.compactMap { effect in
            if case .send(let request) = effect { request } else { nil }
        }
    }
}
