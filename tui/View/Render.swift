package import KassaModel

/// The screen of a state: pure, so that every frame can be compared with one that was checked.
package func render(_ state: State, size: Size, theme: Theme) -> Frame {
    Frame(size: size, ascii: theme.glyphs.isASCII)
}
