"""Japanese: OpenJTalk's phones and accent marks, and how texts become them."""
