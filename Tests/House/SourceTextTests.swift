import Testing

@Suite struct SourceTextTests {
    @Test(arguments: [
        ("let a = 1 // b", "let a = 1     "), ("a /* b */ c", "a         c"),
        ("a /* b /* c */ d */ e", "a                   e"), ("\"a\" + b", "\" \" + b"),
        (#""a \" b" + c"#, #""      " + c"#), (#""a \(b) c" + d"#, #""    b   " + d"#),
        (#""\(a("x"))" + b"#, #""  a(" ") " + b"#),
        (##"#"a " \(b)"# + c"##, ##"#"        "# + c"##),
        ("func `a b!`() {", "func `    `() {"), ("\"// a\" + b", "\"    \" + b"),
        ("\"a", "\" "),
    ])
    func `what is no code is blank, column for column`(line: String, code: String) {
        #expect(SourceText(line).code == [code])
    }

    @Test func `a comment or a text over several lines is blank to its end`() {
        let text = "a /*\nb\n*/ c\n\"\"\"\nd \\(e) \"f\"\n\"\"\" + g\n\"h\ni"
        #expect(
            SourceText(text).code == [
                "a   ", " ", "   c", "\"\"\"", "    e     ", "\"\"\" + g", "\" ", "i",
            ])
    }

    @Test func `a comment above is found through attributes, not over a gap`() {
        let text = SourceText("/// A.\n@a\n@b(c)\nlet d = 1\n\nlet e = 2\n// F.\nlet f = 3")
        #expect(text.hasComment(above: 3, documenting: true))
        #expect(!text.hasComment(above: 5))
        #expect(!text.hasComment(above: 0))
        #expect(text.hasComment(above: 7))
        #expect(!text.hasComment(above: 7, documenting: true))
    }
}
