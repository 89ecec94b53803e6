// What may stand in the names of resources.

@export()
@description('Whether a text has letters, digits and single dashes within, and nothing else.')
func isNamePart(text string) bool =>
  !startsWith(text, '-') && !endsWith(text, '-') && !contains(text, '--') && empty(filter(
    range(0, length(text)),
    index => !contains('abcdefghijklmnopqrstuvwxyz0123456789-', substring(toLower(text), index, 1))
  ))
