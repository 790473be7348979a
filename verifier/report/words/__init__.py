"""What each rule of the checker says, in words, with the numbers of one certificate."""
