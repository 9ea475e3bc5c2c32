"""What finds the values of which field, in sentences, lists and fact sheets."""
