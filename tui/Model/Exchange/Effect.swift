/// What the model wants done; the App does it and reports back with events.
package enum Effect: Hashable, Sendable {
    /// Ask the gateway; exactly one ``Event/responded(_:_:_:_:)`` or
    /// ``Event/failed(_:_:_:)`` must follow, with a deadline of the App's own.
    case send(Request)
    /// Put the text on the operator's clipboard.
    case copy(String)
    /// Write a file, never over an existing one; answer with ``Event/exported(path:error:)``.
    case export(path: String, text: String)
    case bell
    case setMouse(Bool)
    /// Draw everything anew.
    case redraw
    /// Stop as Ctrl-Z does; answer with ``Event/resumed(_:)`` afterwards.
    case suspend
    /// The view state changed: save it (``State/savedView``).
    case save
    case quit(code: Int32)
}
