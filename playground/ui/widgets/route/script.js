mount("route.js");
