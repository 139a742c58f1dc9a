mount("story.js");
