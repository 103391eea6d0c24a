"""Changes that the hub makes to itself when people have signed for them: asked as escalations of type `hub.*`."""
